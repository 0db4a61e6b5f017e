package dev.sallyport.identity;

import java.security.cert.CertificateException;
import java.util.Locale;

/** A certificate chain that proves no identity. Stable reason, shared with the record of the refused connection. Stackless. */
public final class SvidRejectedException extends CertificateException {
    private static final long serialVersionUID = 1;

    /** Why; {@link #code()} is the word in record, log and metric (design section 4). */
    public enum Reason {
        /** No certificate at all. */
        MISSING,
        /** No chain to a root of the trust domain that the leaf claims, or one that is too weak, too long or malformed. */
        UNTRUSTED,
        /** Taken back before its end, by its serial or with its identity. */
        REVOKED,
        /** A certificate of the chain is past its end or before its start. */
        EXPIRED,
        /** The leaf is no X.509-SVID: not exactly one SPIFFE ID, or the wrong usages. */
        IDENTITY;

        /** {@code certificate_} and the name in lower case. */
        public String code() {
            return "certificate_" + name().toLowerCase(Locale.ROOT);
        }
    }

    private final Reason reason;

    /** {@code message} gives what, the value and the expectation, and nothing secret. */
    public SvidRejectedException(Reason reason, String message) {
        super(message);
        this.reason = reason;
    }

    /** For record, log and metric. */
    public Reason reason() {
        return reason;
    }

    /** Not filled: a peer provokes refusals at will, and a stack walk costs more than most of them. */
    @Override
    public synchronized Throwable fillInStackTrace() {
        return this;
    }
}
