package dev.sallyport.proxy.exchange;

import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RequestRejectedException;

/** Why a request gets no answer from its upstream. Sealed: a new kind breaks every switch that must know it. {@code detail} is for the record, never for the caller. */
public sealed interface Rejection {
    Reason reason();

    String detail();

    /** The policy said no. */
    record Denied(Decision.Deny decision) implements Rejection {
        @Override
        public Reason reason() {
            return decision.reason();
        }

        @Override
        public String detail() {
            return "";
        }
    }

    /** No request at all: framing, head size, path. The connection ends with it, for nobody knows where the next request would begin. */
    record Malformed(Reason reason, String detail) implements Rejection {
        static Malformed of(RequestRejectedException e) {
            return new Malformed(e.reason(), String.valueOf(e.getMessage()));
        }
    }

    /** A well-formed request that this sidecar cannot judge or place: misdirected, policy_unavailable, audit_unavailable, opa_error, upstream_unknown, overloaded, draining. */
    record Refused(Reason reason, String detail) implements Rejection {}

    /** Allowed, but once too often; {@code retryAfterSeconds}: at least 1. */
    record Limited(int retryAfterSeconds) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.RATE_LIMITED;
        }

        @Override
        public String detail() {
            return "";
        }
    }

    /** Admitted, but the upstream gave no usable response. */
    record UpstreamFailed(Reason reason, String detail) implements Rejection {}

    /** Admitted, but the client stopped. */
    record ClientFailed(Reason reason, String detail) implements Rejection {}

    /** Our own fault. */
    record Internal(String detail) implements Rejection {
        @Override
        public Reason reason() {
            return Reason.INTERNAL_ERROR;
        }
    }

    /** A decision is not an outcome: what failed after an allow is an error, not a denial; an impostor upstream is refused like any stranger. */
    default Verdict verdict() {
        return switch (this) {
            case Denied denied -> Verdict.DENY;
            case Malformed malformed -> Verdict.DENY;
            case Limited limited -> Verdict.DENY;
            case Refused refused ->
                refused.reason() == Reason.DRAINING || refused.reason() == Reason.OVERLOADED
                        ? Verdict.ERROR
                        : Verdict.DENY;
            case UpstreamFailed failed -> failed.reason() == Reason.UPSTREAM_IDENTITY ? Verdict.DENY : Verdict.ERROR;
            case ClientFailed failed -> Verdict.ERROR;
            case Internal internal -> Verdict.ERROR;
        };
    }
}
