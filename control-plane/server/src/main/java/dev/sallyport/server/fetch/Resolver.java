package dev.sallyport.server.fetch;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;

/** From a host, a name or a literal without brackets, to its addresses, at least one. Blocks. */
@FunctionalInterface
interface Resolver {
    /** The operating system's; how long it may take is the system's setting. */
    Resolver SYSTEM = host -> List.of(InetAddress.getAllByName(host));

    List<InetAddress> resolve(String host) throws UnknownHostException;
}
