package dev.sallyport.server.collector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.server.store.Store;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whoever makes findings about itself hides none about anybody else. */
class FindingsTest {
    private static final int MAX = OpenFindings.ABOUT_ONE_MAX;

    @TempDir
    Path folder;

    private Store store;
    private Findings findings;

    @BeforeEach
    void open() throws Exception {
        store = Store.open(folder);
        findings = new Findings(new FindingTable(store), _ -> 1, new SetClock());
    }

    @AfterEach
    void close() {
        findings.close();
        store.close();
    }

    private void gaps(int from, int to) {
        for (int i = from; i <= to; i++) {
            findings.open(FindingKind.GAP, "hostile/h1/one " + i + "-" + i, "1 records never came");
        }
    }

    private List<Finding> rows(FindingKind kind) {
        return findings.list(true, 100).stream()
                .filter(finding -> finding.kind() == kind)
                .toList();
    }

    private List<Finding> awaitRows(FindingKind kind, int count) throws Exception {
        return TestCollector.await(kind + " rows", () -> rows(kind), rows -> rows.size() == count);
    }

    @Test
    void oneServiceFillsItsOwnRoomOfOneKindOnly() throws Exception {
        gaps(1, 20_000);
        assertThat(findings.count(FindingKind.GAP)).isEqualTo(MAX);
        findings.open(FindingKind.GAP, "back/b1/one 3-4", "2 records never came");
        findings.open(FindingKind.FORK, "hostile/h1/one", "other records");
        findings.open(FindingKind.FORK, "back/b1/one", "other records");
        findings.open(FindingKind.SILENT, "back/b1", "nothing");
        findings.open(FindingKind.WITNESS_DISAGREES, "witness.example", "another log");
        awaitRows(FindingKind.GAP, MAX + 1);
        awaitRows(FindingKind.FORK, 2);
        awaitRows(FindingKind.SILENT, 1);
        awaitRows(FindingKind.WITNESS_DISAGREES, 1);
        assertThat(findings.open()).isEqualTo(MAX + 5);
    }

    @Test
    void whatHasNoRoomIsCountedByTheNewestThatHas() throws Exception {
        gaps(1, MAX);
        awaitRows(FindingKind.GAP, MAX);
        findings.recordMissing();
        assertThat(findings.dropped(FindingKind.GAP)).isZero();
        gaps(1, MAX + 3);
        gaps(MAX + 1, MAX + 3); // The same ones again are no more than they were.
        findings.recordMissing();
        Finding newest = TestCollector.await(
                "the count",
                () -> rows(FindingKind.GAP).getFirst(),
                row -> row.detail().contains("more"));
        assertThat(newest.subject()).isEqualTo("hostile/h1/one " + MAX + "-" + MAX);
        assertThat(newest.detail()).isEqualTo("1 records never came; at least 3 more");
        assertThat(findings.dropped(FindingKind.GAP)).isEqualTo(3);
        assertThat(findings.dropped(FindingKind.FORK)).isZero();
        assertThat(rows(FindingKind.GAP).stream().filter(row -> row.detail().contains("more")))
                .hasSize(1);
        gaps(MAX + 4, MAX + 4);
        findings.recordMissing();
        TestCollector.await(
                "a higher count",
                () -> rows(FindingKind.GAP).getFirst().detail(),
                detail -> detail.equals("1 records never came; at least 4 more"));
    }

    @Test
    void aResolvedFindingMakesRoomForAnother() throws Exception {
        gaps(1, MAX + 1);
        Finding oldest = awaitRows(FindingKind.GAP, MAX).getLast();
        assertThat(findings.resolve(oldest.id(), "ann", "the disk was replaced"))
                .isPresent();
        gaps(MAX + 2, MAX + 3);
        assertThat(findings.count(FindingKind.GAP)).isEqualTo(MAX);
        assertThat(awaitRows(FindingKind.GAP, MAX).getFirst().subject())
                .isEqualTo("hostile/h1/one " + (MAX + 2) + "-" + (MAX + 2));
    }

    @Test
    void roomThatWasTakenIsTakenAfterARestart() throws Exception {
        gaps(1, MAX);
        awaitRows(FindingKind.GAP, MAX);
        findings.close();
        findings = new Findings(new FindingTable(store), _ -> 1, new SetClock());
        gaps(1, MAX + 5);
        assertThat(findings.count(FindingKind.GAP)).isEqualTo(MAX);
        assertThat(findings.dropped(FindingKind.GAP)).isEqualTo(5);
    }
}
