package dev.sallyport.proxy.telemetry;

import dev.sallyport.policy.Reason;

/** Envoy's short words for why a request ended as it did (Envoy, access log, {@code %RESPONSE_FLAGS%}), for those who know them. */
public final class ResponseFlags {
    private ResponseFlags() {}

    /** {@code -} where Envoy has no word, as for what its own rules deny. */
    public static String of(Reason reason) {
        return switch (reason) {
            case UPSTREAM_UNAVAILABLE, UPSTREAM_IDENTITY -> "UF";
            case UPSTREAM_TIMEOUT -> "UT";
            case UPSTREAM_PROTOCOL -> "UPE";
            case UPSTREAM_UNKNOWN, MISDIRECTED -> "NR";
            case CLIENT_CLOSED -> "DC";
            case CLIENT_TIMEOUT -> "SI";
            case RATE_LIMITED -> "RL";
            case OPA_DENIED, OPA_ERROR -> "UAEX";
            case FRAMING_REJECTED, PATH_REJECTED, HEAD_TOO_LARGE -> "DPE";
            case OVERLOADED -> "OM";
            default -> "-";
        };
    }
}
