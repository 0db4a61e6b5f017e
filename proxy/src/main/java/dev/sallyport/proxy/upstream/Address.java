package dev.sallyport.proxy.upstream;

import dev.sallyport.document.HostPort;

/** Where one endpoint of a target listens; {@code toString} is its form in messages and records. */
public sealed interface Address {
    /** {@code 10.0.0.7:15006}: over TCP; a name is resolved for each connection. */
    record Tcp(HostPort at) implements Address {
        @Override
        public String toString() {
            return at.toString();
        }
    }

    /** {@code unix:/run/opa.sock}: on this host; needs epoll. */
    record UnixSocket(String path) implements Address {
        @Override
        public String toString() {
            return "unix:" + path;
        }
    }
}
