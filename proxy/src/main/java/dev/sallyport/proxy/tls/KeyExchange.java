package dev.sallyport.proxy.tls;

import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.internal.tcnative.SSL;
import javax.net.ssl.SSLEngine;

/** By which group the keys of a connection were agreed on: what is on record says which connections a quantum computer could read later. */
public final class KeyExchange {
    private KeyExchange() {}

    /** BoringSSL's name for it, {@code X25519MLKEM768}, after the handshake; empty for an engine that does not tell. Event loop of the connection. */
    public static String groupOf(SSLEngine engine) {
        if (!(engine instanceof ReferenceCountedOpenSslEngine openSsl)) {
            return "";
        }
        try {
            String name = SSL.getGroupName(openSsl.sslPointer());
            return name == null ? "" : name;
        } catch (Exception e) { // So its signature says; a record without the group is better than no connection.
            return "";
        }
    }
}
