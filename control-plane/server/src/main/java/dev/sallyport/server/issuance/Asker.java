package dev.sallyport.server.issuance;

import dev.sallyport.identity.SpiffeId;

/** What is known of who asks for a certificate, for the record; {@code ""} is not known. {@code identity} and {@code serial} only once they are proven. */
record Asker(String method, String identity, String serial, String instance) {
    /** Before anything is proven. What it says is a stranger's text until it has the form of what we know. */
    static Asker stranger(String method, String instance) {
        return new Asker(
                Method.of(method).map(Method::code).orElse("unknown"),
                "",
                "",
                Issuance.wellFormedInstance(instance) ? instance : "");
    }

    static Asker of(Peer peer, String instance) {
        return new Asker(
                Method.RENEWAL.code(),
                peer.id().toString(),
                peer.serial(),
                Issuance.wellFormedInstance(instance) ? instance : "");
    }

    Asker proven(SpiffeId id) {
        return new Asker(method, id.toString(), serial, instance);
    }
}
