package dev.sallyport.proxy.tls;

import dev.sallyport.identity.SvidVerifier;
import io.netty.handler.ssl.SslContext;

/** How one identity speaks mTLS with others of the mesh, as a server and as a client; key and trust are read at each handshake. */
public interface Contexts extends AutoCloseable {
    /** As a server. */
    SslContext inbound();

    /** As a client; the caller sends SNI and compares the exact SPIFFE ID. */
    SslContext outbound();

    /** The verifier of peers of both. */
    SvidVerifier svids();

    /** Frees what is native; handshakes and connections under way keep theirs until they end. */
    @Override
    void close();
}
