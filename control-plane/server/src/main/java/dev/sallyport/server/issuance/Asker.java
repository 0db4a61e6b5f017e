package dev.sallyport.server.issuance;

import dev.sallyport.identity.SpiffeId;
import java.util.Optional;

/** What is known of who asks for a certificate, for the record; {@code ""} is not known. {@code identity} and {@code serial} only once they are proven. */
record Asker(String method, String identity, String serial, String instance) {
    /** Before anything is proven. What it says is a stranger's text until it has the form of what we know: {@code method} is one that a stranger may name here, or empty. */
    static Asker stranger(Optional<Method> method, String instance) {
        return new Asker(
                method.map(Method::code).orElse("unknown"),
                "",
                "",
                Issuance.wellFormedInstance(instance) ? instance : "");
    }

    static Asker of(Method method, Peer peer, String instance) {
        return new Asker(
                method.code(),
                peer.id().toString(),
                peer.serial(),
                Issuance.wellFormedInstance(instance) ? instance : "");
    }

    Asker proven(SpiffeId id) {
        return new Asker(method, id.toString(), serial, instance);
    }
}
