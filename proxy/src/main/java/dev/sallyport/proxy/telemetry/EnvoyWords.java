package dev.sallyport.proxy.telemetry;

import dev.sallyport.policy.Reason;
import org.jspecify.annotations.Nullable;

/**
 * What operators of Envoy and Istio look for, said of our reasons: {@code response_flags} and {@code response_code_details} (Envoy, access log and Response Code Details), the same in every place.
 *
 * <pre>
 * allowed                                        -     via_upstream
 * no_route, misdirected                          NR    route_not_found
 * a denial: caller, role, scope, claim, ...      -     rbac_access_denied_matched_policy[none]
 * guardrail                                      -     rbac_access_denied_matched_policy[GUARDRAIL/DENIAL]
 * token_*                                        -     jwt_authn_access_denied{token_*}
 * opa_denied                                     UAEX  ext_authz_denied
 * opa_error                                      UAEX  ext_authz_error
 * rate_limited                                   RL    local_rate_limited
 * path_rejected                                  -     path_normalization_failed
 * framing_rejected                               DPE   http1.codec_error
 * head_too_large                                 DPE   http1.headers_too_large
 * body_too_large                                 -     request_payload_too_large
 * upstream_unknown                               NC    cluster_not_found
 * upstream_identity                              UF    upstream_reset_before_response_started{remote_connection_failure}
 * upstream_unavailable, no connection            UF    the same
 * upstream_unavailable, a connection that ended  UC    upstream_reset_before_response_started{connection_termination}
 * upstream_timeout                               UT    upstream_response_timeout
 * upstream_protocol                              UPE   upstream_reset_before_response_started{protocol_error}
 * client_timeout                                 SI    stream_idle_timeout
 * client_closed                                  DC    downstream_remote_disconnect
 * overloaded                                     OM    overload
 * anything else                                  -     our own reason
 * </pre>
 *
 * As in Envoy, what RBAC and tokens deny has no flag, and {@code none} is the policy where no policy allowed. Our own word is in {@code reason}.
 */
public final class EnvoyWords {
    private static final String RESET = "upstream_reset_before_response_started";
    private static final String NOT_CONNECTED = RESET + "{remote_connection_failure}";
    private static final String NONE = "-";

    private EnvoyWords() {}

    /** {@code connected}: there was a connection to the upstream. Makes nothing. */
    public static String flags(Reason reason, boolean connected) {
        return switch (reason) {
            case NO_ROUTE, MISDIRECTED -> "NR";
            case OPA_DENIED, OPA_ERROR -> "UAEX";
            case RATE_LIMITED -> "RL";
            case FRAMING_REJECTED, HEAD_TOO_LARGE -> "DPE";
            case UPSTREAM_UNKNOWN -> "NC";
            case UPSTREAM_IDENTITY -> "UF";
            case UPSTREAM_UNAVAILABLE -> connected ? "UC" : "UF";
            case UPSTREAM_TIMEOUT -> "UT";
            case UPSTREAM_PROTOCOL -> "UPE";
            case CLIENT_TIMEOUT -> "SI";
            case CLIENT_CLOSED -> "DC";
            case OVERLOADED -> "OM";
            default -> NONE;
        };
    }

    /** {@code rule}: the one that decided, of a guardrail's denial the guardrail's. */
    public static String details(Reason reason, boolean connected, @Nullable String rule) {
        return switch (reason) {
            case ALLOWED -> "via_upstream";
            case NO_ROUTE, MISDIRECTED -> "route_not_found";
            case CALLER_UNKNOWN,
                    CALLER_NOT_ALLOWED,
                    TLS_REQUIRED,
                    ROLE_MISSING,
                    SCOPE_MISSING,
                    CLAIM_MISMATCH,
                    CONDITION_FALSE,
                    CONDITION_ERROR -> "rbac_access_denied_matched_policy[none]";
            case GUARDRAIL -> "rbac_access_denied_matched_policy[" + (rule == null ? "none" : rule) + "]";
            case OPA_DENIED -> "ext_authz_denied";
            case OPA_ERROR -> "ext_authz_error";
            case RATE_LIMITED -> "local_rate_limited";
            case PATH_REJECTED -> "path_normalization_failed";
            case FRAMING_REJECTED -> "http1.codec_error";
            case HEAD_TOO_LARGE -> "http1.headers_too_large";
            case BODY_TOO_LARGE -> "request_payload_too_large";
            case UPSTREAM_UNKNOWN -> "cluster_not_found";
            case UPSTREAM_IDENTITY -> NOT_CONNECTED;
            case UPSTREAM_UNAVAILABLE -> connected ? RESET + "{connection_termination}" : NOT_CONNECTED;
            case UPSTREAM_TIMEOUT -> "upstream_response_timeout";
            case UPSTREAM_PROTOCOL -> RESET + "{protocol_error}";
            case CLIENT_TIMEOUT -> "stream_idle_timeout";
            case CLIENT_CLOSED -> "downstream_remote_disconnect";
            case OVERLOADED -> "overload";
            default -> reason.isToken() ? "jwt_authn_access_denied{" + reason.code() + "}" : reason.code();
        };
    }
}
