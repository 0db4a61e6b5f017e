package dev.sallyport.server.collector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.tlog.Checkpoint;
import dev.sallyport.audit.tlog.SignedNote;
import dev.sallyport.audit.tlog.TileStore;
import dev.sallyport.server.store.Store;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;

/** A collector on a real store and a real folder, without a wire. */
final class TestCollector implements AutoCloseable {
    static final String ORIGIN = "audit.small.example/small";
    private static final Duration DEADLINE = Duration.ofSeconds(20);

    final Path folder;
    final SetClock clock = new SetClock();
    SimpleMeterRegistry metrics = new SimpleMeterRegistry();
    final TestMembers members;
    final TestMembers.Member back;
    List<WitnessAddress> witnesses = List.of();
    int quorum;
    UnaryOperator<TileStore> between = tiles -> tiles;
    Store store;
    Collector collector;

    TestCollector(Path folder) throws Exception {
        this.folder = folder;
        members = new TestMembers(folder, clock);
        back = members.member("back", "b1");
        open();
    }

    void open() throws IOException {
        Files.createDirectories(folder.resolve("state"));
        metrics = new SimpleMeterRegistry();
        store = Store.open(folder.resolve("state"));
        try {
            collector = Collector.open(
                    new CollectorSettings(folder.resolve("state/audit"), ORIGIN, witnesses, quorum),
                    members,
                    store,
                    clock,
                    metrics,
                    between);
        } catch (IOException e) {
            store.close();
            throw e;
        }
    }

    @Override
    public void close() {
        collector.close();
        store.close();
    }

    void restart() throws IOException {
        close();
        open();
    }

    TestLog log(String name, int records) throws IOException {
        return TestLog.write(folder.resolve("log-" + name), "back/b1/" + name, records);
    }

    /** Takes records {@code first} to {@code last}, which must be answered by a receipt. */
    void take(TestLog log, long first, long last) throws BatchRefusedException {
        assertThat(collector.take(log.batch(back, first, last), back.id()))
                .isEqualTo(new Answer.Received(log.stream, last));
    }

    static <T> T await(String what, Callable<T> value, Predicate<T> wanted) throws Exception {
        Instant end = Instant.now().plus(DEADLINE);
        while (true) {
            T now = value.call();
            if (wanted.test(now)) {
                return now;
            }
            if (Instant.now().isAfter(end)) {
                throw new AssertionError(what + ": " + now + " after " + DEADLINE);
            }
            Thread.sleep(20);
        }
    }

    /** Everything that was taken is in the log. */
    void awaitIntegrated() throws Exception {
        await("leaves that wait", () -> collector.status().pending(), pending -> pending == 0);
    }

    /** Every entry of the log. */
    List<String> entries() throws Exception {
        awaitIntegrated();
        List<String> entries = new ArrayList<>();
        for (byte[] entry : collector.records().entries(0, 100_000)) {
            entries.add(new String(entry, StandardCharsets.UTF_8));
        }
        return entries;
    }

    /** Those of sidecars, in order. */
    List<String> records() throws Exception {
        return entries().stream()
                .filter(entry -> entry.contains("\"audit.sequence.hash\""))
                .toList();
    }

    Checkpoint checkpoint() throws Exception {
        return Checkpoint.parse(
                SignedNote.parse(collector.records().checkpoint().orElseThrow()).text());
    }

    Finding finding(FindingKind kind) throws Exception {
        return await(
                        kind + " in the findings",
                        () -> collector.findings().list(true, 100).stream()
                                .filter(finding -> finding.kind() == kind)
                                .findFirst(),
                        Optional::isPresent)
                .orElseThrow();
    }
}
