package dev.sallyport.proxy.access;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.RequestHead;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * One ended request, as much of it as a line needs: what waits for a slow reader must not keep whole records, which a client can make large. Texts are those of the record, or cut from the head, at most as long as
 * said here.
 */
record Seen(
        Instant time,
        Reason reason,
        @Nullable Verdict verdict,
        AuditRecord.Direction direction,
        @Nullable String method,
        @Nullable String path,
        @Nullable String protocol,
        int status,
        long requestBytes,
        long responseBytes,
        long durationMicros,
        String forwardedFor,
        String userAgent,
        String requestId,
        @Nullable String authority,
        @Nullable String upstream,
        String decisionId,
        @Nullable String rule,
        @Nullable String caller,
        @Nullable String route,
        @Nullable String traceId) {
    static final int PATH_MAX = 1024;
    static final int TEXT_MAX = 256;
    /** As long as one may be that goes on. */
    private static final int REQUEST_ID_MAX = 128;

    /** On the request's event loop, before the head's bytes are another's. */
    static Seen of(AuditRecord record, Reason reason, RequestHead head) {
        return new Seen(
                record.time,
                reason,
                record.verdict,
                record.direction,
                cut(record.method, TEXT_MAX),
                cut(record.path, PATH_MAX),
                record.method == null ? null : record.protocolVersion == null ? "1.1" : record.protocolVersion,
                record.status,
                record.requestBytes,
                record.responseBytes,
                record.durationMicros,
                head.first("x-forwarded-for", TEXT_MAX),
                head.first("user-agent", TEXT_MAX),
                head.first("x-request-id", REQUEST_ID_MAX),
                cut(record.authority, TEXT_MAX),
                record.upstreamAddress,
                record.id,
                ruling(record),
                record.callerId,
                record.route,
                record.traceId);
    }

    /** What decided: the guardrail that denied, else the rule that allowed. */
    private static @Nullable String ruling(AuditRecord record) {
        return record.guardrail == null ? record.rule : record.guardrail;
    }

    private static @Nullable String cut(@Nullable String text, int most) {
        return text == null || text.length() <= most ? text : text.substring(0, most);
    }
}
