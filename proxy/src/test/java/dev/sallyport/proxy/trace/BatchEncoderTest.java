package dev.sallyport.proxy.trace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.Span;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is sent, read again by another's decoder. */
class BatchEncoderTest {
    static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

    private final BatchEncoder encoder =
            new BatchEncoder(new Origin("orders", "0a1b", "0.1.0", () -> Optional.of(id())));

    private static SpiffeId id() {
        try {
            return SpiffeId.parse("spiffe://shop.example/ns/shop/sa/orders");
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static AuditRecord record() {
        AuditRecord record = new AuditRecord(
                "01JZ8Q4T000000000000000000",
                Instant.parse("2026-03-02T10:14:07.113000001Z"),
                AuditRecord.Direction.INBOUND);
        record.traceId = TRACE;
        record.method = "GET";
        record.durationMicros = 1500;
        record.status = 200;
        record.verdict = Verdict.ALLOW;
        return record;
    }

    static EndedSpan span(AuditRecord record, Reason reason, Direction direction) {
        return new EndedSpan(record, reason, new Span(0x00f067aa0ba902b7L, 0x8000000000000001L), direction);
    }

    private Otlp.Seen seen(EndedSpan span) throws Exception {
        return Otlp.read(encoder.encode(List.of(span))).spans().getFirst();
    }

    @Test
    void inboundSpanSaysWhatIsOnRecord() throws Exception {
        AuditRecord record = record();
        record.template = "/orders/{id}";
        record.authority = "orders";
        record.authorityPort = 8080;
        record.peerAddress = "10.0.0.7:40000";
        record.callerId = "spiffe://shop.example/ns/edge/sa/web";
        record.peerFingerprint = "9f2c";
        record.tlsVersion = "TLSv1.3";
        record.tlsCipher = "TLS_AES_128_GCM_SHA256";
        record.rule = "orders/one/web";
        record.userHash = "word";
        record.userRoles = List.of("clerk", "auditor");
        record.peerIssuer = "CN=shop.example";
        record.peerNotAfter = "2026-03-03T10:14:07Z";
        record.revision = 7;
        Otlp.Batch batch = Otlp.read(encoder.encode(List.of(span(record, Reason.ALLOWED, Direction.INBOUND))));
        assertThat(batch.resource())
                .containsOnly(
                        entry("service.name", "orders"),
                        entry("service.namespace", "shop"),
                        entry("service.instance.id", "0a1b"),
                        entry("service.version", "0.1.0"),
                        entry("sallyport.spiffe_id", "spiffe://shop.example/ns/shop/sa/orders"));
        assertThat(batch.scope()).isEqualTo("sallyport");
        Otlp.Seen span = batch.spans().getFirst();
        assertThat(span.trace()).isEqualTo(TRACE);
        assertThat(span.span()).isEqualTo("00f067aa0ba902b7");
        assertThat(span.parent()).isEqualTo("8000000000000001");
        assertThat(span.name()).isEqualTo("GET /orders/{id}");
        assertThat(span.kind()).isEqualTo(2);
        assertThat(span.start()).isEqualTo(1_772_446_447_113_000_001L);
        assertThat(span.end()).isEqualTo(span.start() + 1_500_000);
        assertThat(span.status()).isZero();
        assertThat(span.flags()).isEqualTo(0x301);
        assertThat(span.attributes())
                .containsOnly(
                        entry("http.request.method", "GET"),
                        entry("http.route", "/orders/{id}"),
                        entry("http.response.status_code", 200L),
                        entry("url.scheme", "https"),
                        entry("network.protocol.version", "1.1"),
                        entry("server.address", "orders"),
                        entry("server.port", 8080L),
                        entry("tls.protocol.version", "TLSv1.3"),
                        entry("tls.cipher", "TLS_AES_128_GCM_SHA256"),
                        entry("tls.client.hash.sha256", "9f2c"),
                        entry("sallyport.source_principal", "spiffe://shop.example/ns/edge/sa/web"),
                        entry("network.peer.address", "10.0.0.7"),
                        entry("network.peer.port", 40000L),
                        entry("sallyport.direction", "inbound"),
                        entry("sallyport.decision.id", "01JZ8Q4T000000000000000000"),
                        entry("sallyport.authz.decision", "allow"),
                        entry("sallyport.authz.reason", "allowed"),
                        entry("security_rule.name", "orders/one/web"),
                        entry("security_rule.ruleset.name", "orders"),
                        entry("security_rule.version", "7"),
                        entry("tls.client.issuer", "CN=shop.example"),
                        entry("tls.client.not_after", "2026-03-03T10:14:07Z"),
                        entry("user.roles", List.of("clerk", "auditor")),
                        entry("user.hash", "word"));
    }

    @Test
    void whatARecordDoesNotHaveIsNotSaid() throws Exception {
        assertThat(seen(span(record(), Reason.ALLOWED, Direction.INBOUND)).attributes())
                .doesNotContainKeys(
                        "security_rule.version",
                        "tls.client.issuer",
                        "tls.client.not_after",
                        "user.roles",
                        "user.hash");
    }

    /** Thousands of spans wait while a collector is dead. */
    @Test
    void spanThatWaitsKeepsNothingThatAClientCanMakeLong() {
        String head = "x".repeat(32 * 1024);
        AuditRecord record = record();
        record.inputs = new TreeMap<>(Map.of("header", List.of(head)));
        record.path = "/" + head;
        record.detail = head;
        record.method = head;
        record.authority = head;
        record.callerId = head;
        record.userRoles = Collections.nCopies(1000, head);
        AuditRecord kept = span(record, Reason.ALLOWED, Direction.INBOUND).record();
        assertThat(kept.inputs).isNull();
        assertThat(kept.path).isNull();
        assertThat(kept.detail).isNull();
        assertThat(List.of(String.valueOf(kept.method), String.valueOf(kept.authority), String.valueOf(kept.callerId)))
                .allMatch(text -> text.length() == ProtoWriter.TEXT_CHARACTERS_MAX);
        assertThat(kept.userRoles)
                .hasSize(EndedSpan.ROLES_MAX)
                .allMatch(text -> text.length() == ProtoWriter.TEXT_CHARACTERS_MAX);
        assertThat(record.inputs).isNotNull(); // The record's own stays as it is.
        assertThat(record.userRoles).hasSize(1000);
    }

    @ParameterizedTest
    @CsvSource({
        "GUARDRAIL, admins/others, orders/one/web, orders/one/user, admins/others, admins",
        "GUARDRAIL, admins/others, , , admins/others, admins",
        "ROLE_MISSING, , , orders/one/user, orders/one/user, orders",
        "ALLOWED, , orders/one/web, , orders/one/web, orders",
        "NO_ROUTE, , , , , ",
    })
    void spanOfADenialNamesWhatDenied(
            Reason reason, String guardrail, String rule, String nearest, String name, String policy) throws Exception {
        AuditRecord record = record();
        record.guardrail = guardrail;
        record.rule = rule;
        record.nearestRule = nearest;
        Otlp.Seen span = seen(span(record, reason, Direction.INBOUND));
        assertThat(span.attributes().get("security_rule.name")).isEqualTo(name);
        assertThat(span.attributes().get("security_rule.ruleset.name")).isEqualTo(policy);
    }

    @Test
    void outboundSpanIsAClientsAndARootHasNoParent() throws Exception {
        AuditRecord record = record();
        record.upstreamAddress = "10.0.0.9:15006";
        record.upstreamService = "payment";
        record.upstreamId = "spiffe://shop.example/ns/shop/sa/payment";
        record.upstreamFingerprint = "aa";
        Otlp.Seen span = seen(new EndedSpan(record, Reason.ALLOWED, new Span(1, 0), Direction.OUTBOUND));
        assertThat(span.kind()).isEqualTo(3);
        assertThat(span.name()).isEqualTo("GET");
        assertThat(span.span()).isEqualTo("0000000000000001");
        assertThat(span.parent()).isEmpty();
        assertThat(span.flags()).isEqualTo(0x101);
        assertThat(span.attributes())
                .contains(
                        entry("peer.service", "payment"),
                        entry("network.peer.address", "10.0.0.9"),
                        entry("tls.server.hash.sha256", "aa"),
                        entry("sallyport.destination_principal", "spiffe://shop.example/ns/shop/sa/payment"))
                .doesNotContainKeys("error.type", "http.route", "tls.client.hash.sha256");
    }

    @ParameterizedTest
    @CsvSource({
        "INBOUND, 200, ALLOWED, 0, ",
        "INBOUND, 404, ALLOWED, 0, ",
        "INBOUND, 500, ALLOWED, 2, 500",
        "OUTBOUND, 404, ALLOWED, 2, 404",
        "INBOUND, 403, ROLE_MISSING, 0, role_missing",
        "OUTBOUND, 502, UPSTREAM_UNAVAILABLE, 2, upstream_unavailable",
    })
    void errorIsTheServersOwnOrTheClientsTrouble(
            Direction direction, int status, Reason reason, int code, String errorType) throws Exception {
        AuditRecord record = record();
        record.status = status;
        record.verdict = reason == Reason.ALLOWED ? Verdict.ALLOW : Verdict.DENY;
        Otlp.Seen span = seen(span(record, reason, direction));
        assertThat(span.status()).isEqualTo(code);
        assertThat(span.attributes().get("error.type")).isEqualTo(errorType);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\r\nx: y", "\u001b[31mred", "\u0000", "\ud800", "café\u202e", "\u007f"})
    void hostileTextIsPlainTextInEveryAttribute(String hostile) throws Exception {
        AuditRecord record = record();
        record.method = "G" + hostile;
        record.authority = hostile;
        record.template = "/" + hostile;
        record.protocolVersion = hostile;
        byte[] sent = encoder.encode(List.of(span(record, Reason.ALLOWED, Direction.INBOUND)));
        Otlp.Seen span = Otlp.read(sent).spans().getFirst();
        assertThat(span.attributes().get("http.request.method")).isEqualTo("_OTHER");
        assertThat(span.name()).startsWith("HTTP /");
        assertThat(span.name()).matches("[ -~]+");
        span.attributes().values().forEach(value -> assertThat(value.toString()).matches("[ -~]+"));
    }

    @Test
    void megabyteIsCut() throws Exception {
        AuditRecord record = record();
        record.authority = "a".repeat(1 << 20);
        byte[] sent = encoder.encode(List.of(span(record, Reason.ALLOWED, Direction.INBOUND)));
        assertThat(sent).hasSizeLessThan(2048);
        assertThat(Otlp.read(sent).spans().getFirst().attributes().get("server.address"))
                .isEqualTo("a".repeat(ProtoWriter.TEXT_CHARACTERS_MAX));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 30, 31, 32, 511, 512, 6000})
    void lengthsOfEverySizeNest(int count) throws Exception {
        List<EndedSpan> spans = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            AuditRecord record = record();
            record.authority = "a".repeat(i % 200);
            spans.add(new EndedSpan(record, Reason.ALLOWED, new Span(i + 1, 0), Direction.INBOUND));
        }
        List<Otlp.Seen> seen = Otlp.read(encoder.encode(spans)).spans();
        assertThat(seen).hasSize(count);
        assertThat(seen.getLast().span()).isEqualTo("%016x".formatted(count));
        assertThat(encoder.encode(spans)).isEqualTo(encoder.encode(spans));
    }
}
