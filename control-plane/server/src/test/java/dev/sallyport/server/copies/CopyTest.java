package dev.sallyport.server.copies;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.audit.export.ExportRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is in the sink is what is in the log, whatever happens between them. */
class CopyTest {
    private static final int RECORDS = 10_000;

    @TempDir
    Path folder;

    private static void fill(FakeLog log, int records) {
        for (int made = 0; made < records; made += 500) {
            log.batch(made % 1000 == 0 ? "orders" : "payment", 500);
        }
    }

    @Test
    void lokiHasEveryEntryByteForByte() throws Exception {
        FakeSinks.Loki loki = new FakeSinks.Loki();
        try (CopyWorld world = new CopyWorld(folder, loki)) {
            fill(world.log, RECORDS);
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.LOKI))) {
                copy.catchUp();
                assertThat(world.wrong).isEmpty();
                assertThat(List.copyOf(loki.lines.values())).isEqualTo(world.log.texts(0));
                assertThat(loki.count()).isEqualTo((int) world.log.size());
                assertThat(loki.streams.keySet())
                        .allMatch(labels -> "prod".equals(labels.get("env")))
                        .hasSizeLessThanOrEqualTo(6);
                assertThat(copy.status().sent()).isEqualTo(world.log.size());
                assertThat(copy.status().lagRecords()).isZero();
            }
        }
    }

    @Test
    void elasticsearchHasEveryEntryOnce() throws Exception {
        FakeSinks.Elasticsearch elastic = new FakeSinks.Elasticsearch();
        try (CopyWorld world = new CopyWorld(folder, elastic)) {
            fill(world.log, RECORDS);
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.ELASTICSEARCH))) {
                copy.catchUp();
            }
            assertThat(world.wrong).isEmpty();
            assertThat(elastic.documents).hasSize((int) world.log.size());
            assertThat(elastic.repeats).isZero();
            JsonNode document = elastic.documents.values().iterator().next();
            assertThat(document.get("sallyport.jwt.claims").toString()).isEqualTo("[\"tenant=t\",\"tenant.x=u\"]");
            assertThat(document.get("audit.sequence.stream_id").asText()).isEqualTo("orders/i1/log");
            assertThat(document.get("audit.action").asText()).isEqualTo("read");
            // All of it once more, as after a restored backup of the cursor: no second document.
            Files.delete(folder.resolve("one/cursor"));
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.ELASTICSEARCH))) {
                copy.catchUp();
                assertThat(copy.status().refused()).isZero();
            }
            assertThat(elastic.documents).hasSize((int) world.log.size());
            assertThat(elastic.repeats).isEqualTo((int) world.log.size());
        }
    }

    @Test
    void otlpReceiverHasEveryEntryWithItsResource() throws Exception {
        FakeSinks.Otlp otlp = new FakeSinks.Otlp();
        try (CopyWorld world = new CopyWorld(folder, otlp)) {
            fill(world.log, RECORDS);
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.OTLP))) {
                copy.catchUp();
            }
            assertThat(world.wrong).isEmpty();
            assertThat(otlp.records).hasSize((int) world.log.size());
            assertThat(otlp.services.get(0L)).isEqualTo("orders");
            assertThat(otlp.services.get(501L)).isEqualTo("payment");
            JsonNode record = Objects.requireNonNull(otlp.records.get(0L));
            assertThat(record.get("eventName").asText()).isEqualTo("sallyport.request");
            assertThat(record.get("traceId").asText()).isEqualTo("4bf92f3577b34da6a3ce929d0e0e4736");
            assertThat(record.get("timeUnixNano").asText()).isEqualTo(FakeLog.nanos(0));
            // When it came is what its seal says.
            assertThat(record.get("observedTimeUnixNano").asText()).isEqualTo(FakeLog.nanos(500));
            assertThat(FakeSinks.Otlp.attributes(record.get("attributes")))
                    .containsKeys("audit.target.id", "audit.sequence.hash", "sallyport.audit.entry.hash.sha256")
                    .doesNotContainKeys("Timestamp", "EventName", "TraceId", "service.name");
        }
    }

    @Test
    void hostileTextStaysOneRecordOfItsOwn() throws Exception {
        String hostile = "/\\n{\\\"index\\\":{}}\\n\\u001b[2J\\u0000\\u2028\\ud83d\\ude00,\\\"env\\\":\\\"x\\\"}"
                + "A".repeat(50_000);
        for (CopySettings.Kind kind :
                List.of(CopySettings.Kind.LOKI, CopySettings.Kind.ELASTICSEARCH, CopySettings.Kind.OTLP)) {
            FakeSinks.Loki loki = new FakeSinks.Loki();
            FakeSinks.Elasticsearch elastic = new FakeSinks.Elasticsearch();
            FakeSinks.Otlp otlp = new FakeSinks.Otlp();
            FakeSinks.Fake fake =
                    kind == CopySettings.Kind.LOKI ? loki : kind == CopySettings.Kind.OTLP ? otlp : elastic;
            try (CopyWorld world = new CopyWorld(folder.resolve(kind.word()), fake)) {
                world.log.batch("orders", 30, hostile);
                try (Copy copy = world.copy(world.settings(kind))) {
                    copy.catchUp();
                    assertThat(copy.status().sent()).isEqualTo(31);
                }
                assertThat(world.wrong).isEmpty();
                assertThat(loki.lines.size() + elastic.documents.size() + otlp.records.size())
                        .isEqualTo(31);
            }
        }
    }

    @Test
    void restartGoesOnWhereItWas() throws Exception {
        FakeSinks.Elasticsearch elastic = new FakeSinks.Elasticsearch();
        try (CopyWorld world = new CopyWorld(folder, elastic)) {
            for (int round = 1; round <= 5; round++) {
                world.log.batch("orders", 700);
                try (Copy copy = world.copy(world.settings(CopySettings.Kind.ELASTICSEARCH))) {
                    copy.catchUp();
                }
                assertThat(elastic.documents).hasSize(701 * round);
            }
            assertThat(elastic.repeats).isZero();
        }
    }

    @Test
    void newCopyFromNowLacksWhatWasBefore() throws Exception {
        FakeSinks.Loki loki = new FakeSinks.Loki();
        try (CopyWorld world = new CopyWorld(folder, loki)) {
            world.log.batch("orders", 10);
            CopySettings settings = world.settings(CopySettings.Kind.LOKI);
            CopySettings now = new CopySettings("one", settings.kind(), settings.place(), true, settings.labels());
            try (Copy copy = world.copy(now)) {
                copy.catchUp();
                world.log.batch("orders", 5);
                copy.catchUp();
            }
            assertThat(List.copyOf(loki.lines.values())).isEqualTo(world.log.texts(11));
        }
    }

    /** Has taken a batch, and the process dies before the cursor says so. */
    private static Sink dyingAfter(Sink sink, int batches) {
        return new Sink() {
            private int left = batches;

            @Override
            public Outcome deliver(List<ExportRecord> batch) throws IOException, InterruptedException {
                Outcome outcome = sink.deliver(batch);
                if (--left == 0) {
                    throw new InterruptedException("killed");
                }
                return outcome;
            }
        };
    }

    @Test
    void killBetweenAnswerAndCursorRepeatsAndLosesNothing() throws Exception {
        FakeSinks.Elasticsearch elastic = new FakeSinks.Elasticsearch();
        try (CopyWorld world = new CopyWorld(folder, elastic)) {
            fill(world.log, RECORDS);
            CopySettings settings = world.settings(CopySettings.Kind.ELASTICSEARCH);
            for (int kill = 1; kill <= 3; kill++) {
                Sink sink = Copies.sink(settings, world.fetch::send, java.time.Clock.systemUTC());
                Copy copy = world.copy(settings, dyingAfter(sink, 2));
                try {
                    copy.catchUp();
                } catch (InterruptedException killed) {
                    // As it was meant.
                }
            }
            try (Copy copy = world.copy(settings)) {
                copy.catchUp();
            }
            assertThat(elastic.documents).hasSize((int) world.log.size());
            assertThat(elastic.repeats).isPositive();
        }
    }

    @Test
    void closeBreaksOffARequestThatIsNeverAnswered() throws Exception {
        CountDownLatch asked = new CountDownLatch(1);
        CountDownLatch end = new CountDownLatch(1);
        try (CopyWorld world = new CopyWorld(folder, new FakeSinks.Loki())) {
            world.log.batch("orders", 10);
            world.server.on("/never/loki/api/v1/push", _ -> {
                asked.countDown();
                try {
                    end.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            });
            CopySettings.Web web = new CopySettings.Web(
                    java.net.URI.create(world.server.base() + "/never"), Optional.empty(), List.of(), "");
            Copy copy = world.copy(new CopySettings("one", CopySettings.Kind.LOKI, web, false, CopyWorld.LABELS));
            copy.start();
            asked.await();
            copy.close();
            end.countDown();
            assertThat(folder.resolve("one/cursor")).content().startsWith("0 ");
        }
    }

    @Test
    void prunedEntriesAreAGapThatTheCopyTells() throws Exception {
        FakeSinks.Loki loki = new FakeSinks.Loki();
        try (CopyWorld world = new CopyWorld(folder, loki)) {
            fill(world.log, 1000);
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.LOKI))) {
                copy.catchUp();
            }
            fill(world.log, 1000);
            world.log.first = 1536;
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.LOKI))) {
                copy.catchUp();
                assertThat(copy.status().gaps()).isEqualTo(1);
                assertThat(copy.status().missing()).isEqualTo(1536 - 1002);
            }
            assertThat(loki.lines.get(1002L)).contains("sallyport.copy.gap", "\"sallyport.copy.below\":1536");
            assertThat(List.copyOf(loki.lines.tailMap(1536L).values())).isEqualTo(world.log.texts(1536));
            assertThat(world.wrong).isEmpty();
        }
    }

    @Test
    void cursorOfAnotherLogBeginsAnewAndSaysSo() throws Exception {
        FakeSinks.Elasticsearch elastic = new FakeSinks.Elasticsearch();
        try (CopyWorld world = new CopyWorld(folder, elastic)) {
            world.log.batch("orders", 20);
            Files.createDirectories(folder.resolve("one"));
            for (String cursor : List.of("7 " + "ab".repeat(32) + "\n", "999 -\n", "nonsense")) {
                Files.writeString(folder.resolve("one/cursor"), cursor);
                elastic.documents.clear();
                try (Copy copy = world.copy(world.settings(CopySettings.Kind.ELASTICSEARCH))) {
                    copy.catchUp();
                    assertThat(copy.status().gaps()).as(cursor).isEqualTo(1);
                }
                assertThat(elastic.documents).as(cursor).hasSize(21 + 1);
                assertThat(elastic.documents
                                .values()
                                .iterator()
                                .next()
                                .get("EventName")
                                .asText())
                        .isEqualTo("sallyport.copy.restart");
            }
        }
    }

    @Test
    void deadSinkHoldsUpNeitherAnotherCopyNorTheLog() throws Exception {
        FakeSinks.Loki loki = new FakeSinks.Loki();
        try (CopyWorld world = new CopyWorld(folder, loki)) {
            CopySettings.Web nowhere =
                    new CopySettings.Web(java.net.URI.create("http://127.0.0.1:1"), Optional.empty(), List.of(), "");
            Copy dead = world.copy(new CopySettings("dead", CopySettings.Kind.OTLP, nowhere, false, CopyWorld.LABELS));
            Copy alive = world.copy(world.settings(CopySettings.Kind.LOKI));
            try (dead;
                    alive) {
                dead.start();
                alive.start();
                for (int i = 0; i < 20; i++) {
                    world.log.batch("orders", 100);
                    dead.wake();
                    alive.wake();
                }
                CopyWorld.await(() -> alive.lagRecords() == 0);
                CopyWorld.await(() -> dead.status().problem().isPresent());
                assertThat(loki.count()).isEqualTo(2020);
                assertThat(dead.status().lagRecords()).isEqualTo(2020);
                assertThat(dead.status().lagSeconds()).isPositive();
                assertThat(alive.status().lagSeconds()).isZero();
            }
        }
    }

    @Test
    void logThatCannotBeReadIsReadLater() throws Exception {
        FakeSinks.Loki loki = new FakeSinks.Loki();
        try (CopyWorld world = new CopyWorld(folder, loki)) {
            world.log.batch("orders", 10);
            world.log.failing = true;
            try (Copy copy = world.copy(world.settings(CopySettings.Kind.LOKI))) {
                copy.start();
                CopyWorld.await(() -> copy.status().problem().isPresent());
                world.log.failing = false;
                CopyWorld.await(
                        () -> copy.lagRecords() == 0 && copy.status().problem().isEmpty());
            }
            assertThat(loki.count()).isEqualTo(11);
        }
    }

    @Test
    void recordOfABatchThatIsReadInPartsKeepsItsStream() throws Exception {
        FakeLog log = new FakeLog()
                .batch("orders", 3000)
                .add("{\"Timestamp\":\"" + FakeLog.nanos(1) + "\",\"EventName\":\"sallyport.audit.prune\"}")
                .batch("payment", 2);
        Reading reading = new Reading(log);
        List<String> services = new ArrayList<>();
        for (long next = 0; next < log.size(); ) {
            List<ExportRecord> batch = reading.read(next, 700);
            batch.forEach(record -> services.add(record.service()));
            next += batch.size();
        }
        assertThat(services.subList(0, 3001)).containsOnly("orders");
        assertThat(services.subList(3001, 3005)).containsExactly("control-plane", "payment", "payment", "payment");
        AtomicBoolean bounded = new AtomicBoolean(true);
        for (long next = 0; next < log.size(); next += 500) {
            long bytes = reading.read(next, 100_000).stream()
                    .mapToLong(record -> record.entry().length)
                    .sum();
            bounded.compareAndSet(true, bytes <= Reading.BYTES_MAX);
        }
        assertThat(bounded).isTrue();
    }
}
