package dev.sallyport.audit.export;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Requests byte by byte, against what OTLP/JSON, Loki's push API and Elasticsearch's bulk API publish. */
class CopyFormatsTest {
    private static final String TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String RECORD = "{\"Timestamp\":\"1772446447113000007\",\"EventName\":\"sallyport.request\","
            + "\"audit.record.id\":\"01JZ\",\"service.name\":\"payment\",\"http.request.method\":\"POST\","
            + "\"url.path\":\"/charges\",\"sallyport.authz.decision\":\"deny\",\"user.roles\":[\"a\",\"b\"],"
            + "\"sallyport.jwt.claims\":{\"tenant\":\"t\",\"deep\":{\"x\":1}},\"http.response.status_code\":403,"
            + "\"TraceId\":\"" + TRACE + "\",\"audit.sequence.number\":7,\"sallyport.truncated\":true}";
    private static final String STREAM = "payment/i1/x";
    private static final long OBSERVED = 1_772_446_448_000_000_000L;
    private static final ExportLabels LABELS = new ExportLabels(Optional.of("shop"), Optional.of("prod"));

    /** From every field that a client chooses: line ends, other formats' structure, terminals, half a character, much of it. */
    private static final String HOSTILE =
            "/\\n{\\\"create\\\":{\\\"_id\\\":\\\"1\\\"}}\\r\\n\\u0000\\u001b[2J\\u007f\\u2028\\ud800"
                    + "\\\",\\\"env\\\":\\\"x\\\"}" + "A".repeat(50_000);

    private static ExportRecord record(String text) {
        return ExportRecord.of(text.getBytes(StandardCharsets.UTF_8), 41, STREAM, OBSERVED);
    }

    private static String text(byte[] request) {
        return new String(request, StandardCharsets.UTF_8);
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void otlpIsTheJsonFormOfTheProtobufMessage() throws Exception {
        assertThat(text(OtlpLogs.request(List.of(record(RECORD)), LABELS)))
                .isEqualTo("""
                {"resourceLogs":[{"resource":{"attributes":[
                {"key":"service.name","value":{"stringValue":"payment"}},
                {"key":"service.instance.id","value":{"stringValue":"i1"}},
                {"key":"audit.sequence.stream_id","value":{"stringValue":"payment/i1/x"}},
                {"key":"service.namespace","value":{"stringValue":"shop"}},
                {"key":"deployment.environment.name","value":{"stringValue":"prod"}},
                {"key":"audit.integrity.algorithm","value":{"stringValue":"SHA-256"}}]},
                "scopeLogs":[{"logRecords":[{"timeUnixNano":"1772446447113000007","observedTimeUnixNano":"1772446448000000000",
                "eventName":"sallyport.request","traceId":"4bf92f3577b34da6a3ce929d0e0e4736","attributes":[
                {"key":"sallyport.audit.index","value":{"intValue":"41"}},
                {"key":"sallyport.audit.entry.hash.sha256","value":{"stringValue":"%s"}},
                {"key":"audit.record.id","value":{"stringValue":"01JZ"}},
                {"key":"http.request.method","value":{"stringValue":"POST"}},
                {"key":"url.path","value":{"stringValue":"/charges"}},
                {"key":"sallyport.authz.decision","value":{"stringValue":"deny"}},
                {"key":"user.roles","value":{"arrayValue":{"values":[{"stringValue":"a"},{"stringValue":"b"}]}}},
                {"key":"sallyport.jwt.claims","value":{"kvlistValue":{"values":[
                {"key":"tenant","value":{"stringValue":"t"}},
                {"key":"deep","value":{"kvlistValue":{"values":[{"key":"x","value":{"intValue":"1"}}]}}}]}}},
                {"key":"http.response.status_code","value":{"intValue":"403"}},
                {"key":"audit.sequence.number","value":{"intValue":"7"}},
                {"key":"sallyport.truncated","value":{"boolValue":true}},
                {"key":"sallyport.audit.phase","value":{"stringValue":"single"}},
                {"key":"audit.action","value":{"stringValue":"write"}},
                {"key":"audit.target.id","value":{"stringValue":"payment"}},
                {"key":"audit.target.type","value":{"stringValue":"service"}},
                {"key":"network.protocol.name","value":{"stringValue":"http"}},
                {"key":"url.scheme","value":{"stringValue":"http"}},
                {"key":"network.protocol.version","value":{"stringValue":"1.1"}}]}]}]}]}""".replace("\n", "").formatted(sha256(RECORD)));
    }

    @Test
    void otlpGroupsByStreamAndLeavesATraceIdOutThatIsNone() throws Exception {
        ExportRecord own = ExportRecord.of(RECORD.getBytes(StandardCharsets.UTF_8), 42, "", 0);
        for (String bad : List.of("0".repeat(32), TRACE.toUpperCase(java.util.Locale.ROOT), "x\\n", "")) {
            Map<String, Object> request = StrictJson.object(text(OtlpLogs.request(
                    List.of(record(RECORD.replace(TRACE, bad)), own, record(RECORD)), ExportLabels.NONE)));
            List<Object> resources = StrictJson.at(request, "resourceLogs");
            assertThat(resources).hasSize(2);
            Map<String, Object> first = StrictJson.at(resources, 0, "scopeLogs", 0, "logRecords", 0);
            assertThat(first).as(bad).doesNotContainKey("traceId");
            assertThat(StrictJson.<List<Object>>at(resources, 0, "scopeLogs", 0, "logRecords"))
                    .hasSize(2);
            // What nobody received was received when it happened.
            assertThat(StrictJson.<String>at(resources, 1, "scopeLogs", 0, "logRecords", 0, "observedTimeUnixNano"))
                    .isEqualTo("1772446447113000007");
            assertThat(StrictJson.<String>at(resources, 1, "resource", "attributes", 0, "value", "stringValue"))
                    .isEqualTo("control-plane");
        }
    }

    @Test
    void lokiHasTheEntryAsItsLineAndFewLabels() throws Exception {
        Map<String, Object> request = StrictJson.object(text(LokiPush.request(List.of(record(RECORD)), LABELS)));
        assertThat(request)
                .isEqualTo(Map.of(
                        "streams",
                        List.of(Map.of(
                                "stream",
                                Map.of("service", "payment", "namespace", "shop", "env", "prod", "decision", "deny"),
                                "values",
                                List.of(List.of(
                                        "1772446447113000007",
                                        RECORD,
                                        Map.of(
                                                "audit_index", "41",
                                                "audit_record_id", "01JZ",
                                                "audit_stream_id", STREAM,
                                                "audit_sequence_number", "7",
                                                "trace_id", TRACE)))))));
    }

    @Test
    void lokiStreamsAreInTheOrderOfTimeAndNoClientNamesOne() throws Exception {
        String invented = RECORD.replace("\"deny\"", "\"surprise\"").replace("447113000007", "447113000003");
        String nameless = invented.replace("447113000003", "447113000001");
        Map<String, Object> request = StrictJson.object(
                text(LokiPush.request(List.of(record(invented), record(nameless)), ExportLabels.NONE)));
        assertThat(StrictJson.<Map<String, Object>>at(request, "streams", 0, "stream"))
                .isEqualTo(Map.of("service", "payment"));
        List<Object> values = StrictJson.at(request, "streams", 0, "values");
        assertThat(StrictJson.<String>at(values, 0, 1)).isEqualTo(nameless);
        assertThat(StrictJson.<String>at(values, 1, 1)).isEqualTo(invented);
    }

    @Test
    void lokiCutsMetadataThatWouldHaveTheLineRefused() throws Exception {
        String request = text(LokiPush.request(List.of(record(RECORD.replace("01JZ", "x".repeat(70_000)))), LABELS));
        assertThat(StrictJson.<String>at(StrictJson.object(request), "streams", 0, "values", 0, 2, "audit_record_id"))
                .hasSize(256);
    }

    @Test
    void elasticsearchCreatesUnderTheHashOfTheEntryWithoutAnObjectInside() throws Exception {
        String[] lines = text(ElasticsearchBulk.request(List.of(record(RECORD)), "audit-2026", LABELS))
                .split("(?<=\n)");
        assertThat(lines).hasSize(2).allMatch(line -> line.endsWith("\n"));
        assertThat(lines[0]).isEqualTo("{\"create\":{\"_index\":\"audit-2026\",\"_id\":\"" + sha256(RECORD) + "\"}}\n");
        assertThat(lines[1]).isEqualTo("""
                {"@timestamp":"2026-03-02T10:14:07.113000007Z","sallyport.audit.index":41,"audit.sequence.stream_id":"payment/i1/x",
                "service.namespace":"shop","deployment.environment.name":"prod","EventName":"sallyport.request","audit.record.id":"01JZ",
                "service.name":"payment","http.request.method":"POST","url.path":"/charges","sallyport.authz.decision":"deny",
                "user.roles":["a","b"],"sallyport.jwt.claims":["tenant=t","deep.x=1"],"http.response.status_code":403,
                "TraceId":"4bf92f3577b34da6a3ce929d0e0e4736","audit.sequence.number":7,"sallyport.truncated":true,
                "sallyport.audit.phase":"single","audit.action":"write","audit.target.id":"payment","audit.target.type":"service",
                "network.protocol.name":"http","url.scheme":"http","network.protocol.version":"1.1"}""".replace("\n", "") + "\n");
    }

    @Test
    void hostileTextStaysInsideItsStringInEveryFormat() throws Exception {
        String hostile = RECORD.replace("/charges", HOSTILE)
                .replace("01JZ", HOSTILE)
                .replace("\"POST\"", "\"" + HOSTILE + "\"")
                .replace("\"t\"", "\"" + HOSTILE + "\"")
                .replace("\"a\"", "\"" + HOSTILE + "\"")
                .replace("\"deny\"", "\"" + HOSTILE + "\"");
        List<ExportRecord> records = List.of(record(hostile), record(RECORD));
        String otlp = text(OtlpLogs.request(records, LABELS));
        assertThat(otlp).matches("[ -~]+");
        assertThat(StrictJson.<List<Object>>at(
                        StrictJson.object(otlp), "resourceLogs", 0, "scopeLogs", 0, "logRecords"))
                .hasSize(2);
        String loki = text(LokiPush.request(records, LABELS));
        assertThat(loki).matches("[ -~]+");
        assertThat(StrictJson.<List<Object>>at(StrictJson.object(loki), "streams"))
                .hasSize(2);
        assertThat(StrictJson.<String>at(StrictJson.object(loki), "streams", 0, "values", 0, 1))
                .isEqualTo(hostile);
        String elastic = text(ElasticsearchBulk.request(records, "audit", LABELS));
        assertThat(elastic).matches("([ -~]+\n){4}");
        for (String line : elastic.split("\n", -1)) {
            if (!line.isEmpty()) {
                StrictJson.object(line);
            }
        }
    }

    @Test
    void hostileNameIsANameAndAnUnreadableEntryIsStillCopied() throws Exception {
        String named = RECORD.replace("\"tenant\"", "\"a\\n\\\":{\\u001b\"");
        String unreadable = "\u0000\u001b[2J not JSON \u00ff";
        List<ExportRecord> records = List.of(record(named), record(unreadable));
        for (String request :
                List.of(text(OtlpLogs.request(records, LABELS)), text(LokiPush.request(records, LABELS)))) {
            assertThat(request).matches("[ -~]+");
            StrictJson.object(request);
        }
        String[] lines =
                text(ElasticsearchBulk.request(records, "audit", LABELS)).split("\n");
        assertThat(lines).hasSize(4);
        assertThat(StrictJson.object(lines[1]).get("sallyport.jwt.claims"))
                .isEqualTo(List.of("a\n\":{\u001b=t", "deep.x=1"));
        // Its hash leads to it; its time is when it was received.
        assertThat(lines[2]).contains(sha256(unreadable));
        assertThat(StrictJson.object(lines[3]))
                .containsEntry("@timestamp", "2026-03-02T10:14:08Z")
                .containsEntry("sallyport.audit.index", 41L);
    }

    @Test
    void timeThatIsNoneIsTheTimeOfReceipt() {
        for (String time : List.of("", "-1", "9".repeat(19), "9".repeat(40), "NaN", "1e18")) {
            assertThat(record(RECORD.replace("1772446447113000007", time)).nanos())
                    .as(time)
                    .isEqualTo(OBSERVED);
        }
    }

    @Test
    void repeatedNoticeHasTheSameIdAndAnotherOneAnother() {
        ExportRecord once = ExportRecord.notice(ExportRecord.EVENT_GAP, 1, 2, Instant.EPOCH);
        assertThat(ExportRecord.notice(ExportRecord.EVENT_GAP, 1, 2, Instant.now())
                        .id())
                .isEqualTo(once.id());
        assertThat(ExportRecord.notice(ExportRecord.EVENT_GAP, 1, 3, Instant.EPOCH)
                        .id())
                .isNotEqualTo(once.id());
        assertThat(ExportRecord.notice(ExportRecord.EVENT_RESTART, 1, 2, Instant.EPOCH)
                        .id())
                .isNotEqualTo(once.id());
    }
}
