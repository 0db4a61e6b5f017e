package dev.sallyport.proxy;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditReader;
import dev.sallyport.audit.AuditVerifier;
import java.io.IOException;
import java.net.SocketException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Attacks 81 and 84: whatever a client writes wherever it can, each request is one record, one line, printable, and without what must not be on it. */
@Timeout(120)
class HostileTextTest {
    /** Of each request somewhere: it must be nowhere on disk. */
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
                  record: {header.x-tenant: clear, path.id: clear, query.mode: clear}
                  allow: {web: {from: [web], user: none, headers: {x-tenant: one-only}}, any: {from: [web], user: none}}
                quiet:
                  match: "GET /quiet/{id}"
                  record: {header.x-tenant: no, path.id: no}
                  allow: {web: {from: [web], user: none, headers: {x-tenant: one-only}}, any: {from: [web], user: none}}
                mine:
                  match: "GET /mine"
                  allow: {web: {from: [web], user: required}}
            """;

    private static final List<String> NASTY = List.of(
            "\n{\"audit.record.id\":\"forged\"}",
            "\r\nx-forged: 1",
            "\",\"sallyport.authz.decision\":\"allow",
            "\\\",\\\"a\\\":\\\"",
            "\u001b[2J\u001b[31m",
            "\u009b31m",
            "\u0000\u0007\u007f",
            "\u00e2\u0080\u00a8\u00e2\u0080\u00a9", // U+2028 and U+2029 in UTF-8
            "\u00ff\u00fe\u00c0\u00ae", // no UTF-8
            "\u00ed\u00a0\u0080", // half a surrogate pair
            "%0a%0d%1b%5b2J",
            "%e2%80%a8%ff%00",
            "%u2028",
            "{\"a\":1}",
            "%7B%22a%22:1%7D",
            "x".repeat(1 << 20));

    /** Where a client can write. */
    enum Place {
        METHOD("GET§ /open/1 HTTP/1.1\r\nHost: orders\r\n\r\n"),
        PATH("GET /open/a§ HTTP/1.1\r\nHost: orders\r\n\r\n"),
        UNKNOWN_PATH("GET /" + SECRET + "/a§ HTTP/1.1\r\nHost: orders\r\n\r\n"),
        QUERY("GET /open/1?mode=a§&token=" + SECRET + " HTTP/1.1\r\nHost: orders\r\n\r\n"),
        VERSION("GET /open/1 HTTP/1.1§\r\nHost: orders\r\n\r\n"),
        HOST("GET /open/1 HTTP/1.1\r\nHost: orders§\r\n\r\n"),
        INPUT("GET /open/1 HTTP/1.1\r\nHost: orders\r\nx-tenant: a§\r\n\r\n"),
        FIELD_NAME("GET /open/1 HTTP/1.1\r\nHost: orders\r\nx-a§: 1\r\n\r\n"),
        USER_AGENT("GET /open/1 HTTP/1.1\r\nHost: orders\r\nUser-Agent: a§" + SECRET + "\r\n\r\n"),
        TRACE("GET /open/1 HTTP/1.1\r\nHost: orders\r\ntraceparent: 00-a§\r\nx-request-id: a§\r\nbaggage: a§\r\n\r\n"),
        TOKEN("GET /mine HTTP/1.1\r\nHost: orders\r\nAuthorization: Bearer " + SECRET + "§\r\n\r\n"),
        CREDENTIALS("GET /open/1 HTTP/1.1\r\nHost: orders\r\nAuthorization: Bearer " + SECRET + "§\r\nCookie: a="
                + SECRET + "§\r\n\r\n"),
        QUIET("GET /quiet/" + SECRET + " HTTP/1.1\r\nHost: orders\r\nx-tenant: " + SECRET + "§\r\n\r\n"),
        LENGTH("GET /open/1 HTTP/1.1\r\nHost: orders\r\nContent-Length: §\r\n\r\n"),
        CHUNK("GET /open/1 HTTP/1.1\r\nHost: orders\r\nTransfer-Encoding: chunked\r\n\r\n§\r\n");

        private final String request;

        Place(String request) {
            this.request = request;
        }

        String with(String text) {
            return request.replace("§", text);
        }
    }

    @TempDir
    private Path folder;

    private Door door;
    private AuditLog log;

    @BeforeEach
    void start() throws Exception {
        door = Door.open(folder.resolve("mesh"), POLICY);
        log = door.orders.audit.writeTo(folder.resolve("log"));
    }

    @AfterEach
    void stop() throws Exception {
        door.close();
        log.close();
    }

    private void send(String request) throws Exception {
        door.forget();
        try (RawClient client = door.connect("web")) {
            client.send(request);
            client.until("\r\n\r\n");
        } catch (SocketException refusedBeforeItsEnd) {
            // The rest of a megabyte is not read.
        } catch (IOException closed) {
            assertThat(closed.getMessage()).contains("closed");
        }
        await().atMost(Hop.SOON).until(() -> !door.orders.records.isEmpty() && door.orders.dataPath.active() == 0);
    }

    private List<Map<String, Object>> records() throws IOException {
        List<Map<String, Object>> records = new ArrayList<>();
        AuditReader.forEach(folder.resolve("log"), record -> {
            if (AuditFields.EVENT_REQUEST.equals(record.fields().get(AuditFields.EVENT_NAME))) {
                records.add(record.fields());
            }
        });
        return records;
    }

    private String stored() throws IOException {
        StringBuilder all = new StringBuilder();
        try (Stream<Path> files = Files.list(folder.resolve("log"))) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(".jsonl")).toList()) {
                all.append(new String(Files.readAllBytes(file), ISO_8859_1).replace("\0", ""));
            }
        }
        return all.toString();
    }

    @ParameterizedTest
    @EnumSource(Place.class)
    void whateverIsWrittenThereIsOneRecordOnOneLine(Place place) throws Exception {
        long requests = 0;
        for (String nasty : NASTY) {
            send(place.with(nasty));
            requests += door.orders.records.size();
            assertThat(door.orders.records.size()).as("%s: %.20s", place, nasty).isLessThanOrEqualTo(2);
        }
        log.close();
        AuditVerifier.Report report = AuditVerifier.verify(folder.resolve("log"));
        assertThat(report.bad()).isEmpty();
        assertThat(report.records()).isEqualTo(requests);
        String stored = stored();
        assertThat(stored.chars().allMatch(c -> c == '\n' || (c >= 0x20 && c < 0x7f)))
                .as("printable ASCII, and line feeds")
                .isTrue();
        assertThat(stored).doesNotContain(SECRET);
        assertThat(records()).hasSize((int) requests).allSatisfy(record -> {
            assertThat(record.get(AuditFields.ID)).isNotEqualTo("forged");
            assertThat(record).containsKeys(AuditFields.DECISION, AuditFields.REASON, AuditFields.STATUS);
            assertThat(record.toString().length()).isLessThan(60 * 1024);
        });
        assertThat(stored.lines())
                .allSatisfy(
                        line -> assertThat(line).startsWith("{\"Timestamp\":\"").endsWith("\"}"));
    }

    @ParameterizedTest
    @EnumSource(
            value = Place.class,
            names = {"QUIET", "UNKNOWN_PATH"})
    void whatWasLeftOutIsNamed(Place place) throws Exception {
        send(place.with(""));
        log.close();
        assertThat(records()).hasSize(1);
        Map<String, Object> record = records().getFirst();
        assertThat(record.get(AuditFields.REDACTED))
                .isEqualTo(place == Place.UNKNOWN_PATH ? List.of("url.path") : List.of("header.x-tenant", "path.id"));
        assertThat(record.toString()).doesNotContain(SECRET);
    }
}
