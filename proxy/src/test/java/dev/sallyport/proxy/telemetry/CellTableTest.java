package dev.sallyport.proxy.telemetry;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import java.lang.management.ManagementFactory;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CellTableTest {
    private static final Instant NOW = Instant.parse("2026-11-26T10:00:00Z");
    private static final int MANY = 1_000_000;

    private final RequestHead head = new RequestHead(Limits.standard());
    private final CellTable table = new CellTable();

    private static AuditRecord record() {
        AuditRecord record = new AuditRecord("ID", NOW, AuditRecord.Direction.INBOUND);
        record.method = "GET";
        record.status = 200;
        record.verdict = AuditRecord.Verdict.ALLOW;
        record.template = "/orders/{id}";
        record.route = "orders/read";
        record.rule = "orders/read/web";
        record.callerId = "spiffe://shop.example/ns/edge/sa/web";
        record.durationMicros = 120;
        return record;
    }

    private void ended(AuditRecord record, Reason reason) {
        table.started();
        table.ended(record, reason, head, Span.NONE);
    }

    private static long total(List<Cell> cells) {
        return cells.stream().mapToLong(Cell::requests).sum();
    }

    private static Set<String> values(List<Cell> cells, Function<RequestKey, String> label) {
        Set<String> values = new HashSet<>();
        cells.forEach(cell -> values.add(label.apply(cell.key())));
        return values;
    }

    @Test
    void requestsThatAreAlikeAreOneCell() {
        ended(record(), Reason.ALLOWED);
        ended(record(), Reason.ALLOWED);
        assertThat(table.cells()).hasSize(1);
        assertThat(total(table.cells())).isEqualTo(2);
        RequestKey key = table.cells().getFirst().key();
        assertThat(key.policy()).isEqualTo("orders");
        assertThat(key.version()).isEqualTo("1.1");
        assertThat(key.service()).isEmpty();
    }

    @Test
    void whatDiffersInAnyLabelIsAnotherCell() {
        Stream<java.util.function.Consumer<AuditRecord>> changes = Stream.of(
                r -> r.method = "POST",
                r -> r.status = 404,
                r -> r.verdict = AuditRecord.Verdict.ERROR,
                r -> r.template = null,
                r -> r.route = "orders/other",
                r -> r.rule = "orders/read/other",
                r -> r.guardrail = "admin/others",
                r -> r.callerId = null,
                r -> r.protocolVersion = "1.0",
                r -> r.upstreamService = "payment",
                r -> r.upstreamId = "spiffe://shop.example/ns/shop/sa/payment",
                r -> r.tokenResult = "token_expired",
                r -> r.observed = "no_route",
                r -> r.candidateDecision = "deny",
                r -> r.candidateReason = "no_route",
                r -> r.candidateRule = "orders/read/candidate");
        ended(record(), Reason.ALLOWED);
        int expected = 1;
        for (var change : changes.toList()) {
            AuditRecord other = record();
            change.accept(other);
            ended(other, Reason.ALLOWED);
            ended(other, Reason.ALLOWED);
            assertThat(table.cells()).hasSize(++expected);
        }
        ended(record(), Reason.NO_ROUTE);
        assertThat(table.cells()).hasSize(expected + 1);
        ended(record(), Reason.ALLOWED);
        assertThat(table.cells()).hasSize(expected + 1);
    }

    @Test
    void wordsOfStrangersMakeNoCell() {
        for (int i = 0; i < MANY; i++) {
            AuditRecord record = record();
            record.method = "M" + i;
            record.path = "/orders/" + i;
            record.authority = "host-" + i;
            record.userHash = "user-" + i;
            record.tokenResult = "token_signature";
            record.userIssuer = "https://evil.example/" + i;
            ended(record, Reason.TOKEN_SIGNATURE);
        }
        assertThat(table.cells()).hasSize(1);
        assertThat(table.cells().getFirst().key().method()).isEqualTo("_OTHER");
        assertThat(table.cells().getFirst().key().issuer()).isEmpty();
        assertThat(total(table.cells())).isEqualTo(MANY);
    }

    @Test
    void distinctValuesBeyondTheBoundsAreCountedAsOverflow() {
        for (int i = 0; i < MANY; i++) {
            AuditRecord record = record();
            record.callerId = "spiffe://shop.example/ns/edge/sa/caller-" + i;
            record.template = "/t" + i + "/{id}";
            record.route = "orders/r" + i;
            record.rule = "orders/r" + i + "/x";
            record.status = 200 + i % 400;
            ended(record, i % 2 == 0 ? Reason.ALLOWED : Reason.UPSTREAM_TIMEOUT);
        }
        List<Cell> cells = table.cells();
        assertThat(total(cells)).isEqualTo(MANY);
        assertThat(cells.stream()
                        .filter(cell -> cell.key().reason() == Reason.ALLOWED)
                        .mapToLong(Cell::requests)
                        .sum())
                .isEqualTo(MANY / 2);
        assertThat(cells.size()).isBetween(500, CellTable.CELLS_MAX + 100);
        assertThat(values(cells, RequestKey::caller))
                .contains(RequestKey.OVERFLOW)
                .hasSizeLessThanOrEqualTo(LabelBounds.CALLERS_MAX + 1);
        assertThat(values(cells, RequestKey::template))
                .contains(RequestKey.OVERFLOW)
                .hasSizeLessThanOrEqualTo(LabelBounds.NAMES_MAX + 1);
    }

    /** Of all that a caller can vary by itself. */
    private void fill() {
        for (int status = 100; status < 600; status++) {
            for (String method : List.of("GET", "PUT", "POST", "DELETE")) {
                AuditRecord record = record();
                record.method = method;
                record.status = status;
                ended(record, Reason.ALLOWED);
            }
        }
    }

    private RequestKey keyOf(AuditRecord record, Reason reason) {
        Map<RequestKey, Long> before = new HashMap<>();
        table.cells().forEach(cell -> before.put(cell.key(), cell.requests()));
        ended(record, reason);
        return table.cells().stream()
                .filter(cell -> cell.requests() != before.getOrDefault(cell.key(), 0L))
                .map(Cell::key)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void fullTableStillTellsReasonsApart() {
        fill();
        assertThat(table.cells()).hasSizeBetween(CellTable.CELLS_MAX + 1, CellTable.CELLS_MAX + 5);
        RequestKey last = table.cells().getLast().key();
        assertThat(last.reason()).isEqualTo(Reason.ALLOWED);
        assertThat(last.method()).isEqualTo(RequestKey.OVERFLOW);
        assertThat(keyOf(record(), Reason.DRAINING).reason()).isEqualTo(Reason.DRAINING);
        assertThat(total(table.cells())).isEqualTo(2001);
    }

    @ParameterizedTest
    @CsvSource({"0,0", "200,-2", "404,-4", "500,-5", "503,-5", "599,-5"})
    void fullTableStillTellsFailuresApart(int status, int kept) {
        fill();
        AuditRecord record = record();
        record.route = "orders/new";
        record.status = status;
        RequestKey key = keyOf(record, Reason.ALLOWED);
        assertThat(key.status()).isEqualTo(kept);
        assertThat(key.service()).isEmpty(); // Or what a client did wrong would be our error.
    }

    @Test
    void whateverComesTheNumberOfCellsHasABound() {
        fill();
        Reason[] reasons = Reason.values();
        int added = 0;
        for (Reason reason : reasons) {
            for (Reason other : reasons) {
                for (String decision : List.of("allow", "deny", "ask")) {
                    AuditRecord record = record();
                    record.tokenResult = other.code();
                    record.candidateDecision = decision;
                    record.candidateReason = other.code();
                    record.candidateRule = "orders/read/candidate";
                    record.observed = other.code();
                    record.status = 100 * (1 + added++ % 9);
                    ended(record, reason);
                }
            }
        }
        List<Cell> cells = table.cells();
        assertThat(cells.size())
                .isBetween(
                        CellTable.CELLS_MAX + CellTable.OVERFLOW_MAX + 1,
                        CellTable.CELLS_MAX + CellTable.OVERFLOW_MAX + RequestKey.LEAST_MAX);
        assertThat(total(cells)).isEqualTo(2000 + added);
        RequestKey least = cells.getLast().key();
        assertThat(least.token()).isEmpty();
        assertThat(least.observed()).isEqualTo(RequestKey.OVERFLOW);
        AuditRecord failure = record();
        failure.status = 500;
        failure.tokenResult = "another";
        assertThat(keyOf(failure, Reason.ALLOWED).status()).isEqualTo(-5);
    }

    @Test
    void requestBeyondTheBoundsMakesNoGarbageEither() {
        fill();
        AuditRecord record = record();
        record.route = "orders/new";
        assertThat(allocatedBy(record)).isLessThan(100_000);
    }

    /** The twin: an unbounded table of what is known would be the attacker's. */
    @Test
    void moreKindsOfRequestsThanAreKnownAreCountedAllTheSame() {
        for (int i = 0; i < 3 * CellTable.KNOWN_MAX; i++) {
            AuditRecord record = record();
            record.route = "orders/r" + i;
            ended(record, Reason.ALLOWED);
            ended(record, Reason.ALLOWED);
        }
        assertThat(total(table.cells())).isEqualTo(6L * CellTable.KNOWN_MAX);
        assertThat(table.cells()).hasSize(LabelBounds.NAMES_MAX + 1);
    }

    @Test
    void knownRequestMakesNoGarbage() {
        assertThat(allocatedBy(record())).isLessThan(100_000);
    }

    private long allocatedBy(AuditRecord record) {
        var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
        for (int i = 0; i < 50_000; i++) {
            ended(record, Reason.ALLOWED);
        }
        long before = threads.getCurrentThreadAllocatedBytes();
        for (int i = 0; i < 100_000; i++) {
            ended(record, Reason.ALLOWED);
        }
        return threads.getCurrentThreadAllocatedBytes() - before;
    }

    @Test
    void startedAndNotEndedIsActive() {
        ProxyMetrics metrics = new ProxyMetrics();
        Observer one = metrics.observer(Direction.INBOUND);
        Observer two = metrics.observer(Direction.INBOUND);
        one.started();
        two.started();
        one.ended(record(), Reason.ALLOWED, head, Span.NONE);
        assertThat(metrics.active(Direction.INBOUND)).isEqualTo(1);
        assertThat(metrics.active(Direction.OUTBOUND)).isZero();
        two.ended(record(), Reason.ALLOWED, head, Span.NONE);
        assertThat(metrics.active(Direction.INBOUND)).isZero();
        assertThat(metrics.requests(Direction.INBOUND, Reason.ALLOWED)).isEqualTo(2);
    }

    @Test
    void onlyRecordedSpansAreShownByTheirTraceAndNeverByTheirSpan() {
        AuditRecord record = record();
        record.traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
        table.ended(record, Reason.ALLOWED, head, Span.NONE);
        RequestTally none = new RequestTally();
        table.cells().forEach(none::add);
        assertThat(none.traced()).isEmpty();
        table.ended(record, Reason.ALLOWED, head, new Span(7, 0));
        RequestTally one = new RequestTally();
        table.cells().forEach(one::add);
        assertThat(one.traced())
                .containsExactly(new Cell.Traced("4bf92f3577b34da6a3ce929d0e0e4736", 120, NOW.toEpochMilli()));
    }

    @ParameterizedTest
    @CsvSource({"0,0", "5000,0", "5001,1", "10000000,13", "10000001,14", "9223372036854775807,14"})
    void durationIsInTheBucketWhoseEndItDoesNotPass(long micros, int bucket) {
        assertThat(Cell.bucket(micros)).isEqualTo(bucket);
    }

    @ParameterizedTest
    @CsvSource({"-1", "0", "256", "257", "1024", "1025", "67108864", "67108865", "9223372036854775807"})
    void sizeIsInTheBucketWhoseEndItDoesNotPass(long bytes) {
        int bucket = Cell.sizeBucket(bytes);
        assertThat((double) bytes).isLessThanOrEqualTo(Cell.sizeBytes(bucket));
        if (bucket > 0) {
            assertThat((double) bytes).isGreaterThan(Cell.sizeBytes(bucket - 1));
        }
    }

    @Test
    void scrapeBesideTheLoopSeesCountsThatOnlyGrow() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        Thread loop = Thread.ofPlatform().start(() -> {
            for (int i = 0; i < 300_000; i++) {
                AuditRecord record = record();
                record.status = 200 + i % 300;
                ended(record, Reason.ALLOWED);
            }
            stop.set(true);
        });
        long before = 0;
        while (!stop.get()) {
            long now = total(table.cells());
            assertThat(now).isGreaterThanOrEqualTo(before);
            assertThat(table.active()).isBetween(0L, 300_000L);
            before = now;
        }
        loop.join();
        assertThat(total(table.cells())).isEqualTo(300_000);
        assertThat(table.active()).isZero();
    }
}
