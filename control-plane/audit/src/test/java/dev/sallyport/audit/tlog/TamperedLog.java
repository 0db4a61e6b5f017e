package dev.sallyport.audit.tlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A log of three streams that grew in two steps, and who verifies it. */
abstract class TamperedLog {
    static final String ORIGIN = "audit.example/shop";
    static final NoteSigner KEY = NoteSigner.generate(ORIGIN, KeyType.ED25519);
    static final NoteSigner WITNESS = NoteSigner.generate("auditor.example/w1", KeyType.ED25519_COSIGNATURE);
    static final Instant NOW = Instant.ofEpochSecond(1_767_225_600);

    @TempDir
    Path temporary;

    static final Seals SEALS = new Seals();
    static final List<byte[]> LEAVES = threeStreamsInABusyLog();

    Path log;
    private int written;
    /** What a witness has cosigned, in the middle and at the end. */
    SignedNote early;

    SignedNote late;

    private static List<byte[]> threeStreamsInABusyLog() {
        List<byte[]> leaves = new ArrayList<>();
        for (int round = 0; round < 12; round++) {
            for (String stream : List.of("orders/i1/a", "payment/i1/b", "payment/i2/c")) {
                leaves.addAll(SEALS.workload(stream).batch(19));
            }
        }
        leaves.add("note a CA certificate".getBytes(StandardCharsets.US_ASCII));
        return List.copyOf(leaves);
    }

    @BeforeEach
    void write() throws IOException {
        log = write(LEAVES.subList(0, 400), LEAVES);
        early = cosigned(LEAVES.subList(0, 400));
        late = cosigned(LEAVES);
        assertThat(LEAVES).hasSize(721);
    }

    /** A log that grew in two steps, the last of them signed and cosigned. */
    Path write(List<byte[]> first, List<byte[]> all) throws IOException {
        Path folder = temporary.resolve("log" + written++);
        try (FolderTileStore store = FolderTileStore.open(folder)) {
            TiledLog tiled = TiledLog.open(store);
            tiled.append(first);
            tiled.append(all.subList(first.size(), all.size()));
            store.write("checkpoint", signed(all, KEY).toBytes());
        }
        return folder;
    }

    static SignedNote signed(List<byte[]> all, NoteSigner... signers) {
        Tree tree = new Tree(all.size(), Reference.root(all));
        return SignedNote.sign(new Checkpoint(ORIGIN, tree).text(), List.of(signers), NOW);
    }

    static SignedNote cosigned(List<byte[]> all) {
        return signed(all, KEY, WITNESS);
    }

    static Trust trust(SignedNote... since) {
        return new Trust(List.of(KEY.verifier()), List.of(WITNESS.verifier()), 0, List.of(since));
    }

    LogReport verify(Path folder, SignedNote... since) throws IOException {
        return TiledLogVerifier.verify(FolderTileStore.reading(folder), trust(since), SEALS);
    }

    void holds(Path folder) throws IOException {
        LogReport report = verify(folder);
        assertThat(report.bad()).isEmpty();
        assertThat(report.gaps()).isEmpty();
    }

    void named(Path folder, long index, String file, String why, SignedNote... since) throws IOException {
        assertThat(verify(folder, since).bad()).hasValueSatisfying(bad -> {
            assertThat(bad.problem()).contains(why);
            assertThat(bad.index()).as(bad.shown()).isEqualTo(index);
            assertThat(bad.file()).isEqualTo(file);
        });
    }

    /** Passes for who trusts the operator alone, not for who kept a checkpoint of the true log. */
    void onlyAWitnessNotices(Path folder, SignedNote kept, String why) throws IOException {
        holds(folder);
        assertThat(verify(folder, kept).bad())
                .hasValueSatisfying(bad -> assertThat(bad.problem()).contains(why));
    }
}
