package dev.sallyport.server.issuance;

import dev.sallyport.contract.Wire;
import java.util.Arrays;
import java.util.Optional;

/** How whoever asked for a certificate proved who it is. */
public enum Method {
    JOIN_TOKEN(
            Wire.JOIN_TOKEN,
            "whoever enrolled held a token that an administrator had made for this identity, and no other key used that token; where the sidecar runs is not proven"),
    KUBERNETES(
            Wire.KUBERNETES,
            "the cluster signed a token for this service account and one pod, for this mesh alone, and no other key used it; that the pod still existed is not proven"),
    RENEWAL(
            "renewal",
            "whoever renewed held the private key of the certificate before this one, which had not ended, been revoked, or been renewed by another key; who holds it was proven where the lineage began"),
    /** For a test of the next authority: lives minutes, is never renewed, and no certificate succeeds it. */
    CANARY(
            "canary",
            "the same as the certificate that it was asked for with; it serves one test handshake of the next authority");

    private final String code;
    private final String proves;

    Method(String code, String proves) {
        this.code = code;
        this.proves = proves;
    }

    /** The word on the wire, in the inventory and in metrics. */
    public String code() {
        return code;
    }

    /** What the identity of such a certificate rests on, and what it does not, as a sentence without a full stop. */
    public String proves() {
        return proves;
    }

    public static Optional<Method> of(String code) {
        return Arrays.stream(values())
                .filter(method -> method.code.equals(code))
                .findFirst();
    }
}
