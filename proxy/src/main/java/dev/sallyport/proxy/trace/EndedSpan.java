package dev.sallyport.proxy.trace;

import static dev.sallyport.proxy.trace.ProtoWriter.TEXT_CHARACTERS_MAX;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.Span;
import org.jspecify.annotations.Nullable;

/**
 * A request that has ended and whose span is recorded. Of its record only what a span says is kept, cut as it will be sent: the record itself can have a whole head in it (inputs), and thousands of them wait for a
 * collector that is dead.
 */
record EndedSpan(AuditRecord record, Reason reason, Span span, Direction direction) {
    static final int ROLES_MAX = 32;

    EndedSpan {
        record = kept(record);
    }

    private static AuditRecord kept(AuditRecord whole) {
        AuditRecord kept = new AuditRecord(whole.id, whole.time, whole.direction);
        kept.traceId = whole.traceId;
        kept.durationMicros = whole.durationMicros;
        kept.status = whole.status;
        kept.verdict = whole.verdict;
        request(kept, whole);
        peers(kept, whole);
        kept.guardrail = cut(whole.guardrail);
        kept.rule = cut(whole.rule);
        kept.nearestRule = cut(whole.nearestRule);
        kept.revision = whole.revision;
        kept.userHash = cut(whole.userHash);
        if (whole.userRoles != null) {
            kept.userRoles = whole.userRoles.stream()
                    .limit(ROLES_MAX)
                    .map(EndedSpan::cutText)
                    .toList();
        }
        return kept;
    }

    private static void request(AuditRecord kept, AuditRecord whole) {
        kept.method = cut(whole.method);
        kept.template = cut(whole.template);
        kept.protocolVersion = cut(whole.protocolVersion);
        kept.authority = cut(whole.authority);
        kept.authorityPort = whole.authorityPort;
    }

    private static void peers(AuditRecord kept, AuditRecord whole) {
        kept.tlsVersion = whole.tlsVersion;
        kept.tlsCipher = whole.tlsCipher;
        kept.callerId = cut(whole.callerId);
        kept.peerAddress = whole.peerAddress;
        kept.peerFingerprint = whole.peerFingerprint;
        kept.peerIssuer = cut(whole.peerIssuer);
        kept.peerNotAfter = whole.peerNotAfter;
        kept.upstreamAddress = whole.upstreamAddress;
        kept.upstreamFingerprint = whole.upstreamFingerprint;
        kept.upstreamService = cut(whole.upstreamService);
        kept.upstreamId = cut(whole.upstreamId);
    }

    /** The very text where it is short. */
    private static @Nullable String cut(@Nullable String text) {
        return text == null ? null : cutText(text);
    }

    private static String cutText(String text) {
        return text.length() <= TEXT_CHARACTERS_MAX ? text : text.substring(0, TEXT_CHARACTERS_MAX);
    }
}
