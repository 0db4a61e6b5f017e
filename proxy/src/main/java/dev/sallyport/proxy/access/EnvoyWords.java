package dev.sallyport.proxy.access;

import dev.sallyport.policy.Reason;

/**
 * What operators of Envoy and Istio look for, said of our reasons. {@code response_flags}, {@code response_code_details}:
 *
 * <pre>
 * allowed                                        -     via_upstream
 * no_route, misdirected                          NR    route_not_found
 * a denial: caller, token, rule, OPA, guardrail  UAEX  ext_authz_denied
 * rate_limited                                   RL    local_rate_limited
 * path_rejected, framing_rejected                DPE   http1.codec_error
 * head_too_large                                 DPE   http1.headers_too_large
 * body_too_large                                 -     request_payload_too_large
 * upstream_unknown                               NC    cluster_not_found
 * upstream_identity                              UF    upstream_reset_before_response_started{connection_failure}
 * upstream_unavailable, no connection            UF    the same
 * upstream_unavailable, a connection that ended  UC    upstream_reset_before_response_started{connection_termination}
 * upstream_timeout                               UT    response_timeout
 * upstream_protocol                              UPE   upstream_reset_before_response_started{protocol_error}
 * client_timeout                                 SI    stream_idle_timeout
 * client_closed                                  DC    downstream_remote_disconnect
 * overloaded                                     OM    overload
 * anything else                                  -     our own reason
 * </pre>
 *
 * Our own word is in {@code reason} of every line.
 */
final class EnvoyWords {
    private static final String NOT_CONNECTED = "upstream_reset_before_response_started{connection_failure}";

    private EnvoyWords() {}

    /** {@code connected}: there was a connection to the upstream. */
    static String flags(Reason reason, boolean connected) {
        return switch (reason) {
            case NO_ROUTE, MISDIRECTED -> "NR";
            case RATE_LIMITED -> "RL";
            case PATH_REJECTED, FRAMING_REJECTED, HEAD_TOO_LARGE -> "DPE";
            case UPSTREAM_UNKNOWN -> "NC";
            case UPSTREAM_IDENTITY -> "UF";
            case UPSTREAM_UNAVAILABLE -> connected ? "UC" : "UF";
            case UPSTREAM_TIMEOUT -> "UT";
            case UPSTREAM_PROTOCOL -> "UPE";
            case CLIENT_TIMEOUT -> "SI";
            case CLIENT_CLOSED -> "DC";
            case OVERLOADED -> "OM";
            default -> denial(reason) ? "UAEX" : "-";
        };
    }

    static String details(Reason reason, boolean connected) {
        return switch (reason) {
            case ALLOWED -> "via_upstream";
            case NO_ROUTE, MISDIRECTED -> "route_not_found";
            case RATE_LIMITED -> "local_rate_limited";
            case PATH_REJECTED, FRAMING_REJECTED -> "http1.codec_error";
            case HEAD_TOO_LARGE -> "http1.headers_too_large";
            case BODY_TOO_LARGE -> "request_payload_too_large";
            case UPSTREAM_UNKNOWN -> "cluster_not_found";
            case UPSTREAM_IDENTITY -> NOT_CONNECTED;
            case UPSTREAM_UNAVAILABLE ->
                connected ? "upstream_reset_before_response_started{connection_termination}" : NOT_CONNECTED;
            case UPSTREAM_TIMEOUT -> "response_timeout";
            case UPSTREAM_PROTOCOL -> "upstream_reset_before_response_started{protocol_error}";
            case CLIENT_TIMEOUT -> "stream_idle_timeout";
            case CLIENT_CLOSED -> "downstream_remote_disconnect";
            case OVERLOADED -> "overload";
            default -> denial(reason) ? "ext_authz_denied" : reason.code();
        };
    }

    private static boolean denial(Reason reason) {
        return switch (reason) {
            case CALLER_UNKNOWN,
                    CALLER_NOT_ALLOWED,
                    TLS_REQUIRED,
                    ROLE_MISSING,
                    SCOPE_MISSING,
                    CLAIM_MISMATCH,
                    CONDITION_FALSE,
                    CONDITION_ERROR,
                    OPA_DENIED,
                    OPA_ERROR,
                    GUARDRAIL -> true;
            default -> reason.isToken();
        };
    }
}
