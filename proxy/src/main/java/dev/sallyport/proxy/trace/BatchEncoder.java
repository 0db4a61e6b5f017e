package dev.sallyport.proxy.trace;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.RequestKey;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A batch as {@code ExportTraceServiceRequest} of opentelemetry-proto, whose field numbers stand here; attributes by OpenTelemetry's semantic conventions. Of a request only what is on record: no header, no query, no
 * token. One thread.
 */
final class BatchEncoder {
    private static final int SERVER = 2;
    private static final int CLIENT = 3;
    private static final int STATUS_ERROR = 2;
    /** The sampled flag, and that it is known whether the parent is elsewhere, and that it is. */
    private static final int FLAGS = 0x101;

    private static final int FLAG_PARENT_REMOTE = 0x200;

    /** Others are {@code _OTHER}: a method is of the sender's invention. */
    private static final Set<String> METHODS =
            Set.of("GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH");

    private final ProtoWriter out = new ProtoWriter();
    private final Origin origin;

    BatchEncoder(Origin origin) {
        this.origin = origin;
    }

    byte[] encode(Collection<EndedSpan> spans) {
        out.clear();
        int resourceSpans = out.open(1);
        resource();
        int scopeSpans = out.open(2);
        int scope = out.open(1);
        out.text(1, "sallyport");
        out.text(2, origin.version());
        out.close(scope);
        spans.forEach(this::span);
        out.close(scopeSpans);
        out.close(resourceSpans);
        return out.toBytes();
    }

    private void resource() {
        int resource = out.open(1);
        attribute(1, "service.name", origin.service());
        attribute(1, "service.instance.id", origin.instance());
        attribute(1, "service.version", origin.version());
        Optional<SpiffeId> id = origin.identity().get();
        if (id.isPresent()) {
            attribute(1, "service.namespace", Origin.namespace(id.get()));
            attribute(1, "sallyport.spiffe_id", id.get().toString());
        }
        out.close(resource);
    }

    private void span(EndedSpan ended) {
        AuditRecord record = ended.record();
        String trace = record.traceId;
        if (trace == null) {
            throw new IllegalArgumentException("a span of no trace");
        }
        int span = out.open(2);
        out.id(1, Long.parseUnsignedLong(trace, 0, 16, 16), Long.parseUnsignedLong(trace, 16, 32, 16));
        out.id(2, ended.span().id());
        if (ended.span().parent() != 0) {
            out.id(4, ended.span().parent());
        }
        out.text(5, name(record));
        out.number(6, ended.direction() == Direction.INBOUND ? SERVER : CLIENT);
        long start = nanos(record.time);
        out.fixed64(7, start);
        out.fixed64(8, start + 1000 * record.durationMicros);
        request(record);
        peers(ended, record);
        decision(ended, record);
        if (failed(ended)) {
            int status = out.open(15);
            out.number(3, STATUS_ERROR);
            out.close(status);
        }
        out.fixed32(16, ended.span().parent() == 0 ? FLAGS : FLAGS | FLAG_PARENT_REMOTE);
        out.close(span);
    }

    private static String name(AuditRecord record) {
        String method = METHODS.contains(record.method) ? String.valueOf(record.method) : "HTTP";
        return record.template == null ? method : method + " " + record.template;
    }

    private static long nanos(Instant time) {
        return time.getEpochSecond() * 1_000_000_000 + time.getNano();
    }

    private void request(AuditRecord record) {
        attribute("http.request.method", METHODS.contains(record.method) ? record.method : "_OTHER");
        attribute("http.route", record.template);
        if (record.status != 0) {
            number("http.response.status_code", record.status);
        }
        attribute("url.scheme", "https");
        attribute("network.protocol.version", record.protocolVersion == null ? "1.1" : record.protocolVersion);
        attribute("server.address", record.authority);
        if (record.authorityPort != 0) {
            number("server.port", record.authorityPort);
        }
    }

    private void peers(EndedSpan ended, AuditRecord record) {
        attribute("tls.protocol.version", record.tlsVersion);
        attribute("tls.cipher", record.tlsCipher);
        attribute("sallyport.source_principal", record.callerId);
        if (ended.direction() == Direction.INBOUND) {
            address(record.peerAddress);
            attribute("tls.client.hash.sha256", record.peerFingerprint);
            attribute("tls.client.issuer", record.peerIssuer);
            attribute("tls.client.not_after", record.peerNotAfter);
        } else {
            address(record.upstreamAddress);
            attribute("tls.server.hash.sha256", record.upstreamFingerprint);
            attribute("peer.service", record.upstreamService);
            attribute("sallyport.destination_principal", record.upstreamId);
        }
    }

    /** {@code 10.0.0.7:40000}. */
    private void address(@Nullable String address) {
        int colon = address == null ? -1 : address.lastIndexOf(':');
        if (address != null && colon > 0) {
            attribute("network.peer.address", address.substring(0, colon));
            number("network.peer.port", Integer.parseInt(address, colon + 1, address.length(), 10));
        }
    }

    private void decision(EndedSpan ended, AuditRecord record) {
        attribute("sallyport.direction", ended.direction().name().toLowerCase(Locale.ROOT));
        attribute("sallyport.decision.id", record.id);
        if (record.verdict != null) {
            attribute("sallyport.authz.decision", record.verdict.name().toLowerCase(Locale.ROOT));
        }
        attribute("sallyport.authz.reason", ended.reason().code());
        rule(RequestKey.rule(record));
        if (record.revision >= 0) {
            attribute("security_rule.version", Long.toString(record.revision));
        }
        attribute("user.hash", record.userHash);
        if (record.userRoles != null && !record.userRoles.isEmpty()) {
            texts("user.roles", record.userRoles);
        }
        if (ended.reason() != Reason.ALLOWED) {
            attribute("error.type", ended.reason().code());
        } else if (failed(ended)) {
            attribute("error.type", Integer.toString(record.status));
        }
    }

    /** {@code POLICY/…}, of a denial as well. */
    private void rule(@Nullable String rule) {
        attribute("security_rule.name", rule);
        if (rule != null && rule.indexOf('/') > 0) {
            attribute("security_rule.ruleset.name", rule.substring(0, rule.indexOf('/')));
        }
    }

    /** To a server what its client did wrong is no error. */
    private static boolean failed(EndedSpan ended) {
        int least = ended.direction() == Direction.INBOUND ? 500 : 400;
        return ended.record().status >= least || ended.record().verdict == Verdict.ERROR;
    }

    private void attribute(String key, @Nullable String value) {
        if (value != null && !value.isEmpty()) {
            attribute(9, key, value);
        }
    }

    private void attribute(int field, String key, String value) {
        int pair = out.open(field);
        out.text(1, key);
        int any = out.open(2);
        out.text(1, value);
        out.close(any);
        out.close(pair);
    }

    private void texts(String key, List<String> values) {
        int pair = out.open(9);
        out.text(1, key);
        int any = out.open(2);
        int array = out.open(5);
        for (String value : values) {
            int each = out.open(1);
            out.text(1, value);
            out.close(each);
        }
        out.close(array);
        out.close(any);
        out.close(pair);
    }

    private void number(String key, long value) {
        int pair = out.open(9);
        out.text(1, key);
        int any = out.open(2);
        out.number(3, value);
        out.close(any);
        out.close(pair);
    }
}
