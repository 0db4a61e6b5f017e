package dev.sallyport.proxy.telemetry;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.policy.Reason;
import org.jspecify.annotations.Nullable;

/**
 * Everything that metrics tell apart of a request; a text that is absent is empty. No part of it is a client's own text: methods are folded, paths are templates, callers come from verified certificates, destinations and issuers
 * from the configuration, so that no stranger can make a series.
 *
 * @param status 0: none was sent; negative: of an overflow only its hundreds are known, -5 is any 5xx
 * @param allowed whether the live decision let it pass, whatever became of it
 * @param rule {@code POLICY/…}: of the guardrail that denied, the rule that governs, or the one that got furthest
 * @param caller SPIFFE ID; outbound our own
 * @param service destination, by its name in the mesh; outbound only
 * @param peer SPIFFE ID of the destination, once it has shown it
 * @param token of the user's own: {@code absent|verified|token_*}, empty where no rule looked at it
 * @param issuer of a verified token
 * @param observed reason of the denial that {@code mode: observe} let pass
 * @param flags Envoy's, as {@link EnvoyWords} has them
 * @param candidate {@code allow|deny|ask}: what would be decided if nothing were in dry run
 */
public record RequestKey(
        String method,
        Reason reason,
        int status,
        Verdict verdict,
        boolean allowed,
        String template,
        String route,
        String rule,
        String caller,
        String service,
        String peer,
        String version,
        String token,
        String issuer,
        String observed,
        String flags,
        String candidate,
        String candidateReason,
        String candidateRule) {
    /** Stands for all values beyond the bound of their label. */
    public static final String OVERFLOW = "_overflow";

    private static final int HUNDREDS_MAX = 9;
    /** Reasons, one of which has two flags, hundreds of a status or none, verdicts, observed or not, to a known service or not. */
    static final int LEAST_MAX = (Reason.values().length + 1) * (HUNDREDS_MAX + 1) * Verdict.values().length * 2 * 2;

    private static final String VERIFIED = "verified";
    private static final String USUAL_VERSION = "1.1";

    static RequestKey of(AuditRecord record, Reason reason) {
        return new RequestKey(
                method(record.method),
                reason,
                record.status,
                verdict(record, reason),
                allowed(record),
                text(record.template),
                text(record.route),
                text(rule(record)),
                text(record.callerId),
                text(record.upstreamService),
                text(record.upstreamId),
                version(record),
                text(record.tokenResult),
                text(issuer(record)),
                text(record.observed),
                flags(record, reason),
                text(record.candidateDecision),
                text(record.candidateReason),
                text(record.candidateRule));
    }

    /** Whether {@code of(record, reason)} equals this; makes nothing. */
    boolean is(AuditRecord record, Reason knownReason) {
        return reason == knownReason
                && status == record.status
                && same(caller, record.callerId)
                && same(template, record.template)
                && same(route, record.route)
                && same(rule, rule(record))
                && same(service, record.upstreamService)
                && same(peer, record.upstreamId)
                && method.equals(method(record.method))
                && verdict == verdict(record, knownReason)
                && allowed == allowed(record)
                && version.equals(version(record))
                && same(token, record.tokenResult)
                && same(issuer, issuer(record))
                && same(observed, record.observed)
                && flags.equals(flags(record, knownReason))
                && same(candidate, record.candidateDecision)
                && same(candidateReason, record.candidateReason)
                && same(candidateRule, record.candidateRule);
    }

    /** Of what differs most; equal keys have equal hashes. */
    static int hash(AuditRecord record, Reason reason) {
        int hash = reason.code().hashCode() * 31 + record.status;
        hash = hash * 31 + method(record.method).hashCode();
        hash = hash * 31 + hash(record.callerId);
        hash = hash * 31 + hash(record.template);
        hash = hash * 31 + hash(rule(record));
        hash = hash * 31 + hash(record.upstreamService);
        hash = hash * 31 + hash(record.tokenResult);
        hash = hash * 31 + hash(record.candidateRule);
        return hash ^ hash >>> 16;
    }

    /** What is left when there is no room for more: closed words only, so that there are few of them. Failures stay failures, or a caller that fills the table would hide those of everybody. */
    RequestKey overflow() {
        return new RequestKey(
                OVERFLOW,
                reason,
                hundreds(),
                verdict,
                allowed,
                OVERFLOW,
                OVERFLOW,
                OVERFLOW,
                OVERFLOW,
                beyond(service),
                OVERFLOW,
                OVERFLOW,
                token,
                beyond(issuer),
                observed,
                flags,
                candidate,
                candidateReason,
                beyond(candidate));
    }

    /** What is left when there are too many even of these: without the token and the dry run. At most {@link #LEAST_MAX} of them, most of which cannot be. */
    RequestKey least() {
        return new RequestKey(
                OVERFLOW,
                reason,
                hundreds(),
                verdict,
                verdict == Verdict.ALLOW,
                OVERFLOW,
                OVERFLOW,
                OVERFLOW,
                OVERFLOW,
                beyond(service),
                OVERFLOW,
                OVERFLOW,
                "",
                "",
                beyond(observed),
                flags,
                "",
                "",
                "");
    }

    private int hundreds() {
        return status <= 0 ? status : -Math.clamp(status / 100, 1, HUNDREDS_MAX);
    }

    private static String beyond(String value) {
        return value.isEmpty() ? "" : OVERFLOW;
    }

    /** The policy that decided, which is a service's or a guardrail's; that of the route where no rule did, empty where there is no route. */
    public String policy() {
        return first(rule.isEmpty() ? route : rule);
    }

    /** The policy that would decide if nothing were in dry run. */
    public String candidatePolicy() {
        return first(candidateRule.isEmpty() ? route : candidateRule);
    }

    private static String first(String path) {
        int slash = path.indexOf('/');
        return slash < 0 ? path : path.substring(0, slash);
    }

    /** The guardrail that denied, the rule that governs, or the one that got furthest. */
    public static @Nullable String rule(AuditRecord record) {
        if (record.guardrail != null) {
            return record.guardrail;
        }
        return record.rule != null ? record.rule : record.nearestRule;
    }

    private static String flags(AuditRecord record, Reason reason) {
        return EnvoyWords.flags(reason, record.upstreamAddress != null);
    }

    private static boolean allowed(AuditRecord record) {
        return record.rule != null || record.observed != null;
    }

    private static Verdict verdict(AuditRecord record, Reason reason) {
        if (record.verdict != null) {
            return record.verdict;
        }
        return reason == Reason.ALLOWED ? Verdict.ALLOW : Verdict.DENY;
    }

    /** Of a token that was not verified it is a stranger's word. */
    private static @Nullable String issuer(AuditRecord record) {
        return VERIFIED.equals(record.tokenResult) ? record.userIssuer : null;
    }

    private static String version(AuditRecord record) {
        return record.protocolVersion == null ? USUAL_VERSION : record.protocolVersion;
    }

    /** OpenTelemetry's well-known ones; every other is {@code _OTHER}, for a client may send a new one each time. */
    private static String method(@Nullable String method) {
        return switch (method) {
            case "GET" -> "GET";
            case "POST" -> "POST";
            case "HEAD" -> "HEAD";
            case "PUT" -> "PUT";
            case "DELETE" -> "DELETE";
            case "PATCH" -> "PATCH";
            case "OPTIONS" -> "OPTIONS";
            case "CONNECT" -> "CONNECT";
            case "TRACE" -> "TRACE";
            case null, default -> "_OTHER";
        };
    }

    private static String text(@Nullable String value) {
        return value == null ? "" : value;
    }

    private static boolean same(String known, @Nullable String value) {
        return value == null ? known.isEmpty() : known.equals(value);
    }

    private static int hash(@Nullable String value) {
        return value == null ? 0 : value.hashCode();
    }
}
