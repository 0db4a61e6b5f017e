package dev.sallyport.proxy.upstream;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.proxy.tls.Peer;
import java.util.List;
import java.util.Optional;

/** Where a request goes. {@code name} keys pools and counters. */
public sealed interface Target {
    String name();

    /** Candidates, at least one. */
    List<Address> endpoints();

    /** Whether a connection to {@code peer} leads here. A pooled one may have been opened when another identity was expected at the same address. */
    boolean expects(Optional<Peer> peer);

    /** The local application, in the clear. */
    record Application(List<Address> endpoints) implements Target {
        public Application(HostPort address) {
            this(List.of(new Address.Tcp(address)));
        }

        @Override
        public String name() {
            return "application";
        }

        @Override
        public boolean expects(Optional<Peer> peer) {
            return peer.isEmpty();
        }
    }

    /** Something else on this host, in the clear: an OPA. */
    record Neighbour(String name, List<Address> endpoints) implements Target {
        public Neighbour(Address address) {
            this(address.toString(), List.of(address));
        }

        @Override
        public boolean expects(Optional<Peer> peer) {
            return peer.isEmpty();
        }
    }

    /** Another service's sidecar. {@code identity} is compared exactly after the handshake, before the first byte. */
    record Service(String service, int port, String sni, SpiffeId identity, List<Address> endpoints) implements Target {
        /** Made once for many requests: {@code addresses} are told apart, for a second attempt needs another one. */
        public static Service at(String service, int port, String sni, SpiffeId identity, List<HostPort> addresses) {
            return new Service(
                    service,
                    port,
                    sni,
                    identity,
                    addresses.stream().distinct().<Address>map(Address.Tcp::new).toList());
        }

        @Override
        public String name() {
            return sni;
        }

        @Override
        public boolean expects(Optional<Peer> peer) {
            return peer.isPresent() && peer.get().id().equals(identity);
        }
    }
}
