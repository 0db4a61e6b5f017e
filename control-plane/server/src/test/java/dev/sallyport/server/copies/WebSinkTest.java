package dev.sallyport.server.copies;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.server.fetch.Fetch;
import dev.sallyport.server.fetch.TestProvider;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whatever a server does to a copy, every record arrives, or is refused by name. */
class WebSinkTest {
    @TempDir
    Path folder;

    private static Optional<FakeSinks.Said> said(int status, String body) {
        return Optional.of(new FakeSinks.Said(status, body));
    }

    @Test
    void answersThatAreAboutTheSinkAreWaitedOut() throws Exception {
        FakeSinks.Loki loki = new FakeSinks.Loki();
        int[] statuses = {500, 502, 503, 504, 429, 401, 403, 404, 302, 405, 407};
        try (CopyWorld world = new CopyWorld(folder, loki)) {
            world.instead = request -> request <= statuses.length ? said(statuses[request - 1], "x") : Optional.empty();
            world.log.batch("orders", 50);
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.LOKI))) {
                copy.catchUp();
                assertThat(copy.status().sent()).isEqualTo(51);
                assertThat(copy.status().refused()).isZero();
            }
            assertThat(loki.count()).isEqualTo(51);
            assertThat(world.requests).hasValue(statuses.length + 1);
        }
    }

    @Test
    void tooLargeBatchIsHalvedUntilItFits() throws Exception {
        FakeSinks.Elasticsearch elastic = new FakeSinks.Elasticsearch();
        try (CopyWorld world = new CopyWorld(folder, elastic)) {
            world.instead = request -> request <= 3 ? said(413, "too large") : Optional.empty();
            world.log.batch("orders", 63);
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.ELASTICSEARCH))) {
                copy.catchUp();
                assertThat(copy.status().refused()).isZero();
            }
            assertThat(elastic.documents).hasSize(64);
            assertThat(world.requests.get()).isBetween(6, 7);
        }
    }

    @Test
    void itemsOfABulkAreJudgedOneByOne() throws Exception {
        FakeSinks.Elasticsearch elastic = new FakeSinks.Elasticsearch();
        AtomicInteger busy = new AtomicInteger(20);
        try (CopyWorld world = new CopyWorld(folder, elastic)) {
            elastic.instead = document -> {
                long index = document.path("sallyport.audit.index").asLong();
                return index == 3 ? 400 : index % 2 == 0 && busy.getAndDecrement() > 0 ? 429 : 0;
            };
            world.log.batch("orders", 50);
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.ELASTICSEARCH))) {
                copy.catchUp();
                assertThat(copy.status().refused()).isEqualTo(1);
                assertThat(copy.status().sent()).isEqualTo(50);
            }
            assertThat(elastic.documents).hasSize(50);
            assertThat(elastic.repeats).isZero();
        }
    }

    @Test
    void indexThatRefusesEverythingIsNotRunThrough() throws Exception {
        FakeSinks.Elasticsearch elastic = new FakeSinks.Elasticsearch();
        try (CopyWorld world = new CopyWorld(folder, elastic)) {
            elastic.instead = _ -> 400;
            world.log.batch("orders", Delivery.REFUSALS_IN_A_ROW + 5);
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.ELASTICSEARCH))) {
                copy.catchUp();
                assertThat(copy.status().refused()).isEqualTo(world.log.size());
                assertThat(copy.status().problem())
                        .hasValueSatisfying(
                                why -> assertThat(why).contains("one after the other: 400: some_exception"));
                elastic.instead = _ -> 0;
                world.log.batch("orders", 5);
                copy.catchUp();
                assertThat(copy.status().problem()).isEmpty();
            }
            assertThat(elastic.documents).hasSize(6);
        }
    }

    @Test
    void recordsThatTheReceiverDropsArePartOfTheCount() throws Exception {
        FakeSinks.Otlp otlp = new FakeSinks.Otlp();
        otlp.reject = 3;
        try (CopyWorld world = new CopyWorld(folder, otlp)) {
            world.log.batch("orders", 9);
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.OTLP))) {
                copy.catchUp();
                assertThat(copy.status().refused()).isEqualTo(3);
                assertThat(copy.status().sent()).isEqualTo(7);
            }
            assertThat(world.requests).hasValue(1); // By the specification it must not be sent again.
        }
    }

    @Test
    void linesTooOldForLokiAreRefusedAtOnceAndTheRestArrives() throws Exception {
        FakeSinks.Loki loki = new FakeSinks.Loki();
        try (CopyWorld world = new CopyWorld(folder, loki)) {
            // What Loki's validation says; index 1500 of the log is a second and a half after noon.
            String why = "entry for stream '{service=\"orders\"}' has timestamp too old: 2026-03-02T12:00:00Z, "
                    + "oldest acceptable timestamp is: 2026-03-02T12:00:01Z";
            world.instead = request -> request == 1 ? said(400, why) : Optional.empty();
            world.log.batch("orders", 1499);
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.LOKI))) {
                copy.catchUp();
                assertThat(copy.status().refused()).isEqualTo(1000);
                assertThat(copy.status().sent()).isEqualTo(500);
            }
            assertThat(loki.lines.firstKey()).isEqualTo(1000);
            assertThat(world.requests.get()).isLessThan(5);
        }
    }

    @Test
    void anotherServersAnswerIsNoSuccess() throws Exception {
        FakeSinks.Elasticsearch elastic = new FakeSinks.Elasticsearch();
        try (CopyWorld world = new CopyWorld(folder, elastic)) {
            String[] bodies = {
                "<html>\u001b[2Jwelcome\n", "", "[]", "{}", "{\"errors\":true,\"items\":[]}", "{\"errors\":"
            };
            world.instead = request -> request <= bodies.length ? said(200, bodies[request - 1]) : Optional.empty();
            world.log.batch("orders", 5);
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.ELASTICSEARCH))) {
                copy.catchUp();
            }
            assertThat(elastic.documents).hasSize(6);
            assertThat(world.requests).hasValue(bodies.length + 1);
        }
    }

    /** Each connection is treated worse than the one before; the last one well. */
    @Test
    void halfAnAnswerOrNoneIsAnsweredByAnotherTry() throws Exception {
        String[] answers = {
            "",
            "HTTP/1.1 200 OK\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{",
            "nonsense\r\n\r\n",
            "hang",
            "HTTP/1.1 204 No Content\r\n\r\n"
        };
        AtomicInteger connections = new AtomicInteger();
        try (ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
                TestProvider loops = TestProvider.http()) {
            Thread.ofVirtual().start(() -> {
                while (!server.isClosed()) {
                    try (Socket socket = server.accept()) {
                        String answer = answers[Math.min(connections.getAndIncrement(), answers.length - 1)];
                        InputStream input = socket.getInputStream();
                        if (answer.equals("hang")) {
                            input.transferTo(java.io.OutputStream.nullOutputStream()); // Until the client gives up.
                        } else {
                            input.readNBytes(64);
                            socket.getOutputStream().write(answer.getBytes(StandardCharsets.US_ASCII));
                            socket.getOutputStream().flush();
                            if (answer.contains("204")) {
                                input.transferTo(java.io.OutputStream.nullOutputStream());
                            }
                        }
                    } catch (IOException e) {
                        // The next one.
                    }
                }
            });
            Fetch fetch = loops.fetch(Duration.ofMillis(700));
            CopySettings.Web web = new CopySettings.Web(
                    URI.create("http://127.0.0.1:" + server.getLocalPort()), Optional.empty(), List.of(), "");
            CopySettings settings = new CopySettings("one", CopySettings.Kind.LOKI, web, false, CopyWorld.LABELS);
            Sink sink = Copies.sink(settings, fetch::send, Clock.systemUTC());
            FakeLog log = new FakeLog().batch("orders", 3);
            try (Copy copy =
                    new Copy(settings, folder.resolve("c"), log, sink, Clock.systemUTC(), Duration.ofMillis(5))) {
                copy.catchUp();
                assertThat(copy.status().sent()).isEqualTo(4);
            }
            assertThat(connections.get()).isGreaterThanOrEqualTo(answers.length);
        }
    }

    @Test
    void headersComeFromAPrivateFileThatIsReadEachTimeAndNeverShown() throws Exception {
        FakeSinks.Loki loki = new FakeSinks.Loki();
        Path file = Files.writeString(
                folder.resolve("headers"), "# token\nAuthorization: Bearer s3cret\nx-scope-orgid: shop\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
        try (CopyWorld world = new CopyWorld(folder, loki)) {
            world.server.on("/with/loki/api/v1/push", exchange -> {
                boolean right = "Bearer n3w".equals(exchange.getRequestHeaders().getFirst("authorization"))
                        && "shop".equals(exchange.getRequestHeaders().getFirst("x-scope-orgid"));
                exchange.getRequestBody().readAllBytes();
                TestProvider.answer(exchange, right ? 204 : 401, "", new byte[0]);
            });
            CopySettings.Web web =
                    new CopySettings.Web(URI.create(world.server.base() + "/with/"), Optional.of(file), List.of(), "");
            CopySettings settings = new CopySettings("one", CopySettings.Kind.LOKI, web, false, CopyWorld.LABELS);
            world.log.batch("orders", 3);
            try (Copy copy = world.copy(settings)) {
                copy.start();
                CopyWorld.await(() -> copy.status().problem().orElse("").contains("expected: mode 0600"));
                Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
                CopyWorld.await(() -> copy.status().problem().orElse("").contains("status 401"));
                assertThat(copy.status().toString() + settings).doesNotContain("s3cret");
                Files.writeString(file, "Authorization: Bearer n3w\r\nx-scope-orgid: shop");
                CopyWorld.await(() -> copy.lagRecords() == 0);
            }
        }
    }

    @Test
    void badHeadersFileIsRefusedByLineWithoutItsValue() throws Exception {
        Path file = folder.resolve("headers");
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        for (String wrong : List.of(
                "Host: s3cret",
                "content-length: 1s3cret",
                "no colon s3cret",
                "a b: s3cret",
                "a: s3cret\u0001",
                "a: s3cret\u00e4",
                "a: x\nA: s3cret",
                "a:",
                "a: s3cret".repeat(5000))) {
            Files.writeString(file, wrong);
            org.assertj.core.api.Assertions.assertThatThrownBy(() -> new HeadersFile(file).read())
                    .as(wrong.length() > 50 ? "long" : wrong)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("headersFile: " + file)
                    .hasMessageNotContaining("s3cret");
        }
        assertThat(new Fetch.Message("text/plain", new byte[3], java.util.Map.of("a", "s3cret")).toString())
                .doesNotContain("s3cret");
    }

    @Test
    void gapAndRestartAreNoticesThatEveryFakeTakes() throws Exception {
        FakeSinks.Otlp otlp = new FakeSinks.Otlp();
        try (CopyWorld world = new CopyWorld(folder, otlp)) {
            world.log.batch("orders", 300);
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.OTLP))) {
                copy.catchUp();
            }
            world.log.batch("orders", 300);
            world.log.first = 512;
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.OTLP))) {
                copy.catchUp();
            }
            assertThat(world.wrong).isEmpty();
            JsonNode gap = Objects.requireNonNull(otlp.records.get(301L));
            assertThat(gap.get("eventName").asText()).isEqualTo("sallyport.copy.gap");
            assertThat(otlp.services.get(301L)).isEqualTo("control-plane");
        }
    }
}
