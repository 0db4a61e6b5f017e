package dev.sallyport.server.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.audit.tlog.Checkpoint;
import dev.sallyport.audit.tlog.Hash;
import dev.sallyport.audit.tlog.MerkleProof;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is removed is said to be, first; what stays can still be verified. */
class PruneTest {
    @TempDir
    Path folder;

    private TestCollector mesh;
    private TestLog log;

    @BeforeEach
    void open() throws Exception {
        mesh = new TestCollector(folder);
        log = mesh.log("one", 1200);
        for (long first = 1; first <= 1000; first += 500) {
            mesh.take(log, first, first + 499);
        }
        published();
    }

    @AfterEach
    void close() {
        mesh.close();
    }

    private void published() throws Exception {
        mesh.awaitIntegrated();
        long size = mesh.collector.records().size();
        TestCollector.await("published", () -> mesh.collector.publishedSize(), published -> published >= size);
    }

    @Test
    void wholeBundlesGoAndTheReceiptNamesThemAndWho() throws Exception {
        Collector.Pruned pruned = mesh.collector.pruneBelow(600, "ann").orElseThrow();
        assertThat(pruned.from()).isZero();
        assertThat(pruned.below()).isEqualTo(512);
        assertThat(new String(
                        mesh.collector.records().entries(pruned.receipt(), 1).getFirst(), StandardCharsets.UTF_8))
                .contains("\"EventName\":\"sallyport.audit.prune\"", "\"audit.actor.id\":\"ann\"")
                .contains("\"sallyport.audit.prune.from\":0", "\"sallyport.audit.prune.below\":512");
        assertThatThrownBy(() -> mesh.collector.records().entries(511, 1)).isInstanceOf(IOException.class);
        assertThat(mesh.collector.records().entries(512, 1)).hasSize(1);
        assertThat(mesh.collector.records().file("tile/entries/001")).isEmpty();
        assertThat(mesh.collector.records().file("tile/0/001")).isPresent();
        assertThat(mesh.collector.records().oldest()).isEqualTo(512);
        // Everything that stays verifies against the checkpoint of before, also after a restart.
        Checkpoint checkpoint = mesh.checkpoint();
        mesh.restart();
        byte[] entry = mesh.collector.records().entries(700, 1).getFirst();
        List<Hash> proof = mesh.collector.records().log().inclusion(700, checkpoint.size());
        assertThat(MerkleProof.included(MerkleProof.leaf(entry), 700, checkpoint.tree(), proof))
                .isTrue();
        mesh.take(log, 1001, 1202);
    }

    @Test
    void nothingIsRemovedTwiceNorBeyondWhatIsPublished() throws Exception {
        assertThat(mesh.collector.pruneBelow(100, "ann")).isEmpty();
        mesh.collector.pruneBelow(512, "ann");
        assertThat(mesh.collector.pruneBelow(512, "ann")).isEmpty();
        long published = mesh.collector.publishedSize();
        Collector.Pruned all = mesh.collector.pruneBelow(Long.MAX_VALUE, "ann").orElseThrow();
        assertThat(all.from()).isEqualTo(512);
        assertThat(all.below()).isLessThanOrEqualTo(published);
    }

    @Test
    void aTimeIsWhenRecordsCame() throws Exception {
        mesh.clock.move(Duration.ofDays(2));
        Instant later = mesh.clock.instant().minus(Duration.ofDays(1));
        mesh.take(log, 1001, 1202);
        published();
        assertThat(mesh.collector.pruneBefore(later.minus(Duration.ofDays(30)), "ann"))
                .isEqualTo(Optional.empty());
        Collector.Pruned pruned = mesh.collector.pruneBefore(later, "ann").orElseThrow();
        // Two batches of five hundred and their seals came before.
        assertThat(pruned.below()).isEqualTo(768);
    }

    @Test
    void anOldStoreStartsOnAPrunedLog() throws Exception {
        mesh.collector.pruneBelow(600, "ann");
        mesh.take(log, 1001, 1202);
        mesh.close();
        for (String file : List.of("control-plane.db", "control-plane.db-wal", "control-plane.db-shm")) {
            java.nio.file.Files.deleteIfExists(folder.resolve("state").resolve(file));
        }
        mesh.open();
        assertThat(mesh.collector.take(log.batch(mesh.back, 1001, 1202), mesh.back.id()))
                .isEqualTo(new Answer.Received(log.stream, 1202));
    }
}
