package dev.sallyport.server.issuance;

import dev.sallyport.contract.Wire;

/** No certificate, and why, in words that the asking sidecar may read. Stackless. */
public final class RefusedException extends Exception {
    private static final long serialVersionUID = 1;

    /** The kinds of refusal: few, so that the record of them is bounded whatever strangers do. */
    public enum Reason {
        /** The proof is none: unknown, of another issuer, damaged. */
        UNPROVEN("unproven"),
        ENDED("ended"),
        REVOKED("revoked"),
        /** The proof or certificate was used by another key before. */
        OTHER_KEY("other-key"),
        /** The proof or certificate was used as often as it may be. */
        USED("used"),
        /** No service of the Mesh has this identity, or nobody may have it. */
        NOT_DECLARED("not-declared"),
        /** The request itself: instance, key, form. */
        REQUEST("request"),
        /** Renewals alone no longer do. */
        ATTEST_AGAIN(Wire.ATTEST_AGAIN);

        private final String code;

        Reason(String code) {
            this.code = code;
        }

        /** Stable; sidecars act on {@link Wire#ATTEST_AGAIN}. */
        public String code() {
            return code;
        }
    }

    private final Reason reason;

    RefusedException(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    public Reason reason() {
        return reason;
    }
}
