package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.sallyport.proxy.access.AccessLog;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a client writes wherever it can, each request is one line of the access log, printable and strict JSON. */
@Timeout(120)
class HostileAccessLineTest {
    private static final String SECRET = "s3cr3t-of-the-client";

    private static final String POLICY = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: orders}
            spec:
              service: orders
              routes:
                open:
                  match: "GET /open/{id}"
                  record: {path.id: clear}
                  allow: {any: {from: [web], user: none}}
                mine:
                  match: "GET /mine"
                  allow: {web: {from: [web], user: required}}
            """;

    private static final List<String> NASTY = List.of(
            "\n{\"decision_id\":\"forged\"}",
            "\r\nx-forged: 1",
            "\",\"reason\":\"allowed",
            "\\\",\\\"a\\\":\\\"",
            "\u001b[2J\u001b[31m",
            "\u009b31m",
            "\u0000\u0007\u007f",
            "\u00e2\u0080\u00a8\u00e2\u0080\u00a9", // U+2028 and U+2029 in UTF-8
            "\u00ff\u00fe\u00c0\u00ae", // no UTF-8
            "\u00ed\u00a0\u0080", // half a surrogate pair
            "{\"a\":1}",
            "x".repeat(3000),
            "x".repeat(1 << 20));

    private static final List<String> PLACES = List.of(
            "GET§ /open/1 HTTP/1.1\r\nHost: orders\r\n\r\n",
            "GET /open/a§ HTTP/1.1\r\nHost: orders\r\n\r\n",
            "GET /" + SECRET + "/a§ HTTP/1.1\r\nHost: orders\r\n\r\n",
            "GET /open/1?mode=" + SECRET + "§ HTTP/1.1\r\nHost: orders\r\n\r\n",
            "GET /open/1 HTTP/1.1§\r\nHost: orders\r\n\r\n",
            "GET /open/1 HTTP/1.1\r\nHost: orders§\r\n\r\n",
            "GET /open/1 HTTP/1.1\r\nHost: orders\r\nx-a§: 1\r\n\r\n",
            "GET /open/1 HTTP/1.1\r\nHost: orders\r\nUser-Agent: a§\r\n\r\n",
            "GET /open/1 HTTP/1.1\r\nHost: orders\r\nx-forwarded-for: a§\r\n\r\n",
            "GET /open/1 HTTP/1.1\r\nHost: orders\r\nx-request-id: a§\r\ntraceparent: 00-a§\r\n\r\n",
            "GET /mine HTTP/1.1\r\nHost: orders\r\nx-request-id: a§\r\nAuthorization: Bearer " + SECRET + "§\r\n\r\n");

    @TempDir
    private Path folder;

    /** Strictly: one flat object, no name twice, nothing after it. */
    static Map<String, Object> parsed(String line) throws IOException {
        JsonFactory strict = JsonFactory.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .build();
        Map<String, Object> fields = new LinkedHashMap<>();
        try (JsonParser json = strict.createParser(line)) {
            assertThat(json.nextToken()).isEqualTo(JsonToken.START_OBJECT);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                fields.put(name, json.nextToken() == JsonToken.VALUE_STRING ? json.getText() : json.getLongValue());
            }
            assertThat(json.currentToken()).isEqualTo(JsonToken.END_OBJECT);
            assertThat(json.nextToken()).isNull();
        }
        return fields;
    }

    @Test
    void whateverIsWrittenAnywhereIsOneLineThatStrictlyParses() throws Exception {
        Path file = folder.resolve("access.log");
        AccessLog log = AccessLog.toFile(file, 1 << 30, 2, new ProxyMetrics().access());
        log.start();
        int requests = 0;
        try (Door door = Door.observed(folder.resolve("mesh"), POLICY, List.of(log))) {
            for (String place : PLACES) {
                for (String nasty : NASTY) {
                    door.forget();
                    try (RawClient client = door.connect("web")) {
                        client.send(place.replace("§", nasty));
                        client.until("\r\n\r\n");
                    } catch (IOException closed) {
                        // The rest of a megabyte is not read.
                    }
                    await().atMost(Hop.SOON)
                            .until(() -> !door.orders.records.isEmpty() && door.orders.dataPath.active() == 0);
                    requests += door.orders.records.size();
                }
            }
        }
        log.close(Duration.ofSeconds(10));
        String written = Files.readString(file, StandardCharsets.ISO_8859_1);
        assertThat(Files.getPosixFilePermissions(file)).isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(written.chars().allMatch(c -> c == '\n' || (c >= 0x20 && c < 0x7f)))
                .isTrue();
        assertThat(written).doesNotContain(SECRET, "?mode", "\"forged\"");
        assertThat(written.lines()).hasSize(requests);
        for (String line : written.lines().toList()) {
            Map<String, Object> fields = parsed(line);
            assertThat(line.length()).isLessThan(32 * 1024);
            assertThat(fields).containsKeys("start_time", "response_code", "response_flags", "reason", "decision_id");
            assertThat(fields.get("direction")).isEqualTo("inbound");
            assertThat(fields.get("source_principal")).isEqualTo("spiffe://shop.example/ns/edge/sa/web");
            assertThat(String.valueOf(fields.get("user_agent")).length()).isLessThanOrEqualTo(256);
        }
    }

    @Test
    void lineHasTheNamesOfEnvoyAndTheDecision() throws Exception {
        Path file = folder.resolve("access.log");
        AccessLog log = AccessLog.toFile(file, 1 << 30, 2, new ProxyMetrics().access());
        log.start();
        try (Door door = Door.observed(folder.resolve("mesh"), POLICY, List.of(log))) {
            door.ask("web", "GET /open/7?q=1", "User-Agent: curl/8 \u00c3\u00a9", "x-request-id: r-1");
            door.ask("payment", "GET /open/7");
        }
        log.close(Duration.ofSeconds(10));
        List<String> lines = Files.readAllLines(file);
        assertThat(lines).hasSize(2);
        assertThat(parsed(lines.getFirst()))
                .containsEntry("method", "GET")
                .containsEntry("path", "/open/7")
                .containsEntry("protocol", "HTTP/1.1")
                .containsEntry("response_code", 200L)
                .containsEntry("response_flags", "-")
                .containsEntry("response_code_details", "via_upstream")
                .containsEntry("user_agent", "curl/8 \u00e9")
                .containsEntry("request_id", "r-1")
                .containsEntry("authority", "orders")
                .containsEntry("policy", "orders")
                .containsEntry("rule", "orders/open/any")
                .containsEntry("route", "orders/open")
                .containsEntry("reason", "allowed")
                .containsKeys("upstream_host", "trace_id", "duration", "bytes_sent", "bytes_received");
        assertThat(parsed(lines.get(1)))
                .containsEntry("response_code", 403L)
                .containsEntry("response_flags", "-")
                .containsEntry("response_code_details", "rbac_access_denied_matched_policy[none]")
                .containsEntry("reason", "caller_not_allowed")
                .doesNotContainKeys("rule", "upstream_host", "user_agent");
    }
}
