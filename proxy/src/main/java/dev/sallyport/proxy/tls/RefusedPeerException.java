package dev.sallyport.proxy.tls;

import dev.sallyport.identity.SvidRejectedException;
import java.security.cert.CertificateException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A certificate chain that the trust manager refused, with the leaf that was shown: what the record of a refused connection needs, and what TLS alerts do not carry. */
public final class RefusedPeerException extends CertificateException {
    private static final long serialVersionUID = 1;
    private final SvidRejectedException.Reason reason;
    private final String fingerprint;

    RefusedPeerException(String fingerprint, SvidRejectedException cause) {
        super(cause.getMessage(), cause);
        this.reason = cause.reason();
        this.fingerprint = fingerprint;
    }

    /** The refusal somewhere among the causes of a failed handshake. */
    public static Optional<RefusedPeerException> in(Throwable failure) {
        @Nullable Throwable cause = failure;
        for (int depth = 0; cause != null && depth < 8; depth++) {
            if (cause instanceof RefusedPeerException refused) {
                return Optional.of(refused);
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }

    public SvidRejectedException.Reason reason() {
        return reason;
    }

    /** SHA-256 of the leaf, lower-case hex; empty when no certificate was sent. */
    public String fingerprint() {
        return fingerprint;
    }
}
