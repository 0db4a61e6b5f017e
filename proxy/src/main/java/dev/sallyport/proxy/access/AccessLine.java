package dev.sallyport.proxy.access;

import static dev.sallyport.proxy.access.Seen.PATH_MAX;
import static dev.sallyport.proxy.access.Seen.TEXT_MAX;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.proxy.telemetry.EnvoyWords;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.temporal.ChronoField;
import org.jspecify.annotations.Nullable;

/**
 * A request as one line of JSON, with the names of Envoy and Istio and ours beside them; what is absent is left out. Values: {@code start_time} RFC 3339 with milliseconds, {@code duration} milliseconds, {@code path}
 * as on the record, never a query; {@code response_flags} and {@code response_code_details} as {@link EnvoyWords} says. There is no {@code requested_server_name}: SNI here is a name of one of this service's ports or the request is {@code misdirected}, and then its
 * record has the name; so it would tell nothing, at a cost for every request. Of one thread.
 */
final class AccessLine {
    private static final int TEXTS = 16;
    /** Of the longest line there can be: names, numbers and short words, and every text made of escapes. */
    static final int BYTES_MAX = 1024 + JsonLine.bytesMax(PATH_MAX + TEXTS * TEXT_MAX);

    private final JsonLine line;
    private long second = Long.MIN_VALUE;
    private String upToSecond = "";

    /** Appends to {@code out}, which must have room for {@link #BYTES_MAX} each time. */
    AccessLine(ByteBuffer out) {
        line = new JsonLine(out);
    }

    void write(Seen seen) {
        boolean connected = seen.upstream() != null;
        line.begin()
                .text("start_time", time(seen.time()), TEXT_MAX)
                .text("direction", seen.direction() == AuditRecord.Direction.INBOUND ? "inbound" : "outbound", TEXT_MAX)
                .text("method", seen.method(), TEXT_MAX)
                .text("path", seen.path(), PATH_MAX)
                .text("protocol", seen.protocol() == null ? null : "HTTP/" + seen.protocol(), TEXT_MAX)
                .number("response_code", seen.status())
                .text("response_flags", EnvoyWords.flags(seen.reason(), connected), TEXT_MAX)
                .text("response_code_details", EnvoyWords.details(seen.reason(), connected, seen.rule()), TEXT_MAX)
                .number("bytes_received", seen.requestBytes())
                .number("bytes_sent", seen.responseBytes())
                .number("duration", seen.durationMicros() / 1000)
                .text("x_forwarded_for", seen.forwardedFor(), TEXT_MAX)
                .text("user_agent", seen.userAgent(), TEXT_MAX)
                .text("request_id", seen.requestId(), TEXT_MAX)
                .text("authority", seen.authority(), TEXT_MAX)
                .text("upstream_host", seen.upstream(), TEXT_MAX)
                .text("decision_id", seen.decisionId(), TEXT_MAX)
                .text("policy", policy(seen.rule() == null ? seen.route() : seen.rule()), TEXT_MAX)
                .text("rule", seen.rule(), TEXT_MAX)
                .text("reason", seen.reason().code(), TEXT_MAX)
                .text("source_principal", seen.caller(), TEXT_MAX)
                .text("route", seen.route(), TEXT_MAX)
                .text("trace_id", seen.traceId(), TEXT_MAX)
                .end();
    }

    /** How many lines are missing here. */
    void count(String what, long lines) {
        line.begin().number(what, lines).end();
    }

    /** {@code SERVICE/ROUTE/RULE} and {@code GUARDRAIL/DENIAL} begin with it. */
    private static @Nullable String policy(@Nullable String ruling) {
        int end = ruling == null ? -1 : ruling.indexOf('/');
        return ruling == null || end < 0 ? ruling : ruling.substring(0, end);
    }

    private String time(Instant time) {
        if (time.getEpochSecond() != second) {
            second = time.getEpochSecond();
            String whole = Instant.ofEpochSecond(second).toString();
            upToSecond = whole.substring(0, whole.length() - 1);
        }
        int millis = time.get(ChronoField.MILLI_OF_SECOND);
        return upToSecond + (millis < 10 ? ".00" : millis < 100 ? ".0" : ".") + millis + "Z";
    }
}
