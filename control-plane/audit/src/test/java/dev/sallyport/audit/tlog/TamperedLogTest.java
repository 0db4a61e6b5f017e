package dev.sallyport.audit.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What somebody may do to a tiled log, and who notices. First those who can write the folder, but have no key; then those who have the log's key; last what only a witness, or whoever
 * kept an older checkpoint, can notice, which is shown to pass without them.
 */
class TamperedLogTest {
    private static final String ORIGIN = "audit.example/shop";
    private static final NoteSigner KEY = NoteSigner.generate(ORIGIN, KeyType.ED25519);
    private static final NoteSigner WITNESS = NoteSigner.generate("auditor.example/w1", KeyType.ED25519_COSIGNATURE);
    private static final Instant NOW = Instant.ofEpochSecond(1_767_225_600);

    @TempDir
    private Path temporary;

    private static final Seals SEALS = new Seals();
    private static final List<byte[]> LEAVES = threeStreamsInABusyLog();

    private Path log;
    private int written;
    /** What a witness has cosigned, in the middle and at the end. */
    private SignedNote early;

    private SignedNote late;

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
    private Path write(List<byte[]> first, List<byte[]> all) throws IOException {
        Path folder = temporary.resolve("log" + written++);
        try (FolderTileStore store = FolderTileStore.open(folder)) {
            TiledLog tiled = TiledLog.open(store);
            tiled.append(first);
            tiled.append(all.subList(first.size(), all.size()));
            store.write("checkpoint", signed(all, KEY).toBytes());
        }
        return folder;
    }

    private static SignedNote signed(List<byte[]> all, NoteSigner... signers) {
        Tree tree = new Tree(all.size(), Reference.root(all));
        return SignedNote.sign(new Checkpoint(ORIGIN, tree).text(), List.of(signers), NOW);
    }

    private static SignedNote cosigned(List<byte[]> all) {
        return signed(all, KEY, WITNESS);
    }

    private static Trust trust(SignedNote... since) {
        return new Trust(List.of(KEY.verifier()), List.of(WITNESS.verifier()), 0, List.of(since));
    }

    private LogReport verify(Path folder, SignedNote... since) throws IOException {
        return TiledLogVerifier.verify(FolderTileStore.reading(folder), trust(since), SEALS);
    }

    private void holds(Path folder) throws IOException {
        LogReport report = verify(folder);
        assertThat(report.bad()).isEmpty();
        assertThat(report.gaps()).isEmpty();
    }

    private void named(Path folder, long index, String file, String why, SignedNote... since) throws IOException {
        assertThat(verify(folder, since).bad()).hasValueSatisfying(bad -> {
            assertThat(bad.problem()).contains(why);
            assertThat(bad.index()).as(bad.shown()).isEqualTo(index);
            assertThat(bad.file()).isEqualTo(file);
        });
    }

    /** Passes for who trusts the operator alone, not for who kept a checkpoint of the true log. */
    private void onlyAWitnessNotices(Path folder, SignedNote kept, String why) throws IOException {
        holds(folder);
        assertThat(verify(folder, kept).bad())
                .hasValueSatisfying(bad -> assertThat(bad.problem()).contains(why));
    }

    @Test
    void untouchedLogHoldsAndIsCounted() throws IOException {
        LogReport report = verify(log, early, late);
        assertThat(report.bad()).isEmpty();
        assertThat(report.entries()).isEqualTo(721);
        assertThat(report.records()).isEqualTo(3 * 12 * 19);
        assertThat(report.requests()).isEqualTo(3 * 12 * 19 - 3);
        assertThat(report.signers()).containsExactly(KEY.verifier().shown());
        assertThat(report.streams())
                .extracting(LogReport.Stream::name, LogReport.Stream::first, LogReport.Stream::last)
                .contains(tuple("payment/i1/b", 1L, 228L));
        assertThat(TiledLogVerifier.verifyTree(FolderTileStore.reading(log), trust())
                        .bad())
                .isEmpty();
    }

    // --- Who can write the folder ---

    @Test
    void flippedBitNamesItsEntry() throws IOException {
        Path bundle = log.resolve("tile/entries/001");
        byte[] bytes = Files.readAllBytes(bundle);
        int at = new String(bytes, StandardCharsets.ISO_8859_1).indexOf("/pay/");
        bytes[at] ^= 1;
        Files.write(bundle, bytes);
        int index = 256
                + (int) EntryBundle.entries(bytes, 256).orElseThrow().stream()
                        .takeWhile(entry -> !new String(entry, StandardCharsets.ISO_8859_1).contains(".pay/"))
                        .count();
        named(log, index, "tile/entries/001", "its hash is not the one in tile/0/001");
    }

    @Test
    void changesOfABundleNameTheFirstEntryThatIsDifferent() throws IOException {
        Path bundle = log.resolve("tile/entries/001");
        List<byte[]> entries =
                EntryBundle.entries(Files.readAllBytes(bundle), 256).orElseThrow();
        List<byte[]> swapped = new ArrayList<>(entries);
        Collections.swap(swapped, 10, 11);
        List<byte[]> deleted = new ArrayList<>(entries);
        deleted.remove(10);
        List<byte[]> duplicated = new ArrayList<>(entries);
        duplicated.add(10, entries.get(9));
        for (List<byte[]> changed : List.of(swapped, deleted, duplicated)) {
            Files.write(bundle, bundle(changed));
            named(log, 266, "tile/entries/001", "its hash is not the one");
        }
        Files.write(bundle, bundle(entries.subList(0, 255)));
        named(log, 511, "tile/entries/001", "cut");
        List<byte[]> more = new ArrayList<>(entries);
        more.add(entries.getLast());
        Files.write(bundle, bundle(more));
        named(log, 511, "tile/entries/001", "bytes behind");
    }

    @Test
    void missingExchangedAndPutBackFilesAreNamed() throws IOException {
        byte[] first = Files.readAllBytes(log.resolve("tile/entries/000"));
        byte[] second = Files.readAllBytes(log.resolve("tile/entries/001"));
        Files.write(log.resolve("tile/entries/000"), second);
        Files.write(log.resolve("tile/entries/001"), first);
        named(log, 0, "tile/entries/000", "its hash");
        Files.write(log.resolve("tile/entries/000"), first);
        Files.delete(log.resolve("tile/entries/001"));
        named(log, 256, "tile/entries/001", "missing");
        Files.write(log.resolve("tile/entries/001"), second);
        Files.delete(log.resolve("tile/entries/000"));
        // As if pruned, which nothing in the log says.
        named(log, 720, "end of the log", "no receipt in the log says so");
        Files.write(log.resolve("tile/entries/000"), first);
        Files.delete(log.resolve("tile/entries/002.p/209"));
        named(log, 512, "tile/entries/002.p/209", "missing");
    }

    @Test
    void changedTilesAreNamed() throws IOException {
        for (String tile : List.of("tile/0/001", "tile/1/000.p/2", "tile/0/002.p/209")) {
            byte[] bytes = Files.readAllBytes(log.resolve(tile));
            bytes[40] ^= 1;
            Files.write(log.resolve(tile), bytes);
            assertThat(verify(log).bad())
                    .hasValueSatisfying(bad -> assertThat(bad.shown()).contains(tile.substring(0, 10)));
            Files.delete(log.resolve(tile));
            assertThat(verify(log).bad())
                    .hasValueSatisfying(bad -> assertThat(bad.shown()).contains(tile, "missing"));
            bytes[40] ^= 1;
            Files.write(log.resolve(tile), bytes);
        }
        holds(log);
    }

    @Test
    void wholeLogComputedAnewWithoutTheKeyHasAnotherRoot() throws IOException {
        List<byte[]> changed = new ArrayList<>(LEAVES);
        changed.remove(LEAVES.size() - 1);
        changed.add("note another certificate".getBytes(StandardCharsets.US_ASCII));
        Path forged = write(List.of(), changed);
        Files.copy(log.resolve("checkpoint"), forged.resolve("checkpoint"), StandardCopyOption.REPLACE_EXISTING);
        named(forged, -1, "checkpoint", "root ");
    }

    @Test
    void checkpointOfAnotherOrRetiredKeyOrWithoutOneIsRefused() throws IOException {
        NoteSigner retired = NoteSigner.generate(ORIGIN, KeyType.ED25519);
        Files.write(log.resolve("checkpoint"), signed(LEAVES, retired).toBytes());
        named(log, -1, "checkpoint", "no signature of a known key");
        Files.write(
                log.resolve("checkpoint"),
                new SignedNote(late.text(), signed(LEAVES.subList(0, 9), KEY).signatures()).toBytes());
        named(log, -1, "checkpoint", "does not hold");
        Files.writeString(log.resolve("checkpoint"), late.text());
        named(log, -1, "checkpoint", "expected: a text, an empty line, and signatures");
        Files.delete(log.resolve("checkpoint"));
        named(log, -1, "checkpoint", "not found");
    }

    @Test
    void checkpointWithoutTheCosignaturesThatWereAskedForIsRefused() throws IOException {
        Trust trust = new Trust(List.of(KEY.verifier()), List.of(WITNESS.verifier()), 1, List.of());
        FolderTileStore store = FolderTileStore.reading(log);
        assertThat(TiledLogVerifier.verify(store, trust, SEALS).bad())
                .hasValueSatisfying(bad -> assertThat(bad.problem()).contains("cosigned by 0 of the given witnesses"));
        Files.write(log.resolve("checkpoint"), late.toBytes());
        LogReport report = TiledLogVerifier.verify(store, trust, SEALS);
        assertThat(report.bad()).isEmpty();
        assertThat(report.cosigners()).containsExactly("auditor.example/w1");
    }

    // --- Who has the log's key: everything is computed and signed anew ---

    @Test
    void recordThatWasChangedWithTheLogsKeyIsNamedByItsOwnHash() throws IOException {
        forged(300, "/pay/", "/pax/", "its hash is not that of its bytes");
    }

    @Test
    void recordWhoseChainWasComputedAnewIsNamedByTheNextOneAndTheLastByItsSeal() throws IOException {
        for (int index : new int[] {302, 318}) {
            List<byte[]> changed = new ArrayList<>(LEAVES);
            String text = new String(changed.get(index), StandardCharsets.US_ASCII).replace("/pay/", "/pax/");
            String head = text.substring(0, text.indexOf(",\"audit.sequence.hash\""));
            String previous = head.substring(head.length() - 65, head.length() - 1);
            changed.set(index, Workload.chained(previous, head));
            named(
                    write(List.of(), changed),
                    index + 1L,
                    "tile/entries/001",
                    index == 318 ? "a seal up to record" : "does not follow");
        }
    }

    @Test
    void sealOfAnotherKeyOverAChainThatWasComputedAnewIsNamed() throws IOException {
        Workload forger = new Workload("payment/i1/b");
        List<byte[]> changed = new ArrayList<>(LEAVES.subList(0, 20));
        changed.addAll(forger.batch(19));
        changed.addAll(LEAVES.subList(40, LEAVES.size()));
        named(write(List.of(), changed), 39, "tile/entries/000", "signature does not hold");
    }

    @Test
    void deletedSwappedAndRepeatedRecordsAreNamed() throws IOException {
        List<byte[]> deleted = new ArrayList<>(LEAVES);
        deleted.remove(305);
        named(write(List.of(), deleted), 305, "tile/entries/001", "does not follow");
        List<byte[]> swapped = new ArrayList<>(LEAVES);
        Collections.swap(swapped, 305, 306);
        named(write(List.of(), swapped), 305, "tile/entries/001", "does not follow");
        List<byte[]> repeated = new ArrayList<>(LEAVES);
        repeated.add(305, LEAVES.get(304));
        named(write(List.of(), repeated), 305, "tile/entries/001", "does not follow");
        List<byte[]> unsealed = new ArrayList<>(LEAVES);
        unsealed.remove(319);
        named(write(List.of(), unsealed), 319, "tile/entries/001", "does not follow");
        List<byte[]> last = new ArrayList<>(LEAVES.subList(0, 719));
        named(write(List.of(), last), 718, "end of the log", "has no seal");
    }

    @Test
    void repeatedBatchAndRecordsUnderAnotherNameAreNamed() throws IOException {
        List<byte[]> repeated = new ArrayList<>(LEAVES);
        repeated.addAll(LEAVES.subList(60, 80));
        named(write(List.of(), repeated), 740, "tile/entries/002.p/229", "a second one");
        Workload other = SEALS.workload("other/i9/z");
        Workload thief = SEALS.workload("thief/i9/y");
        List<byte[]> stolen = new ArrayList<>(other.batch(3).subList(0, 3));
        stolen.add(thief.seal(1, 3, Workload.GENESIS, other.head));
        named(write(List.of(), stolen), 3, "tile/entries/000.p/4", "over records of another stream");
    }

    @Test
    void batchThatWasTakenOutOfTheMiddleLeavesAGap() throws IOException {
        List<byte[]> deleted = new ArrayList<>(LEAVES);
        deleted.subList(300, 320).clear();
        LogReport report = verify(write(List.of(), deleted));
        assertThat(report.bad()).isEmpty();
        assertThat(report.gaps()).singleElement().isEqualTo(new LogReport.Gap("orders/i1/a", 96, 114, false));
        named(write(List.of(), deleted), 399, "checkpoint", "written anew, or has forked", early);
    }

    @Test
    void numbersThatASidecarLeftOutAfterACrashAreAGapOfAnotherKind() throws IOException {
        Workload crashed = SEALS.workload("crashed/i1/d");
        List<byte[]> more = new ArrayList<>(LEAVES);
        more.addAll(crashed.batch(5));
        crashed.number += 100;
        more.addAll(crashed.batch(5));
        LogReport report = verify(write(List.of(), more));
        assertThat(report.bad()).isEmpty();
        assertThat(report.gaps()).singleElement().isEqualTo(new LogReport.Gap("crashed/i1/d", 6, 105, true));
    }

    // --- What only a witness, or an older checkpoint, can notice ---

    @Test
    void tailThatWasCutOffAndSignedAgain() throws IOException {
        onlyAWitnessNotices(write(List.of(), LEAVES.subList(0, 640)), late, "the log's end is missing");
    }

    @Test
    void olderCopyThatWasPutBack() throws IOException {
        Path old = write(List.of(), LEAVES.subList(0, 400));
        onlyAWitnessNotices(old, late, "the log's end is missing");
        // Also beside the files of today: what came later is there, and nobody is told.
        Files.copy(old.resolve("checkpoint"), log.resolve("checkpoint"), StandardCopyOption.REPLACE_EXISTING);
        onlyAWitnessNotices(log, late, "the log's end is missing");
    }

    @Test
    void lastBatchOfAStreamOrAWholeStreamThatWasTakenOut() throws IOException {
        List<byte[]> last = new ArrayList<>(LEAVES);
        last.subList(680, 700).clear();
        onlyAWitnessNotices(write(List.of(), last), late, "the log's end is missing");
        List<byte[]> stream = new ArrayList<>();
        for (int i = 0; i < 720; i++) {
            if (i / 20 % 3 != 1) {
                stream.add(LEAVES.get(i));
            }
        }
        stream.addAll(Collections.nCopies(400, "note more of the log's own".getBytes(StandardCharsets.US_ASCII)));
        onlyAWitnessNotices(write(List.of(), stream), early, "written anew, or has forked");
    }

    @Test
    void batchesOfDifferentStreamsInAnotherOrder() throws IOException {
        List<byte[]> reordered = new ArrayList<>(LEAVES);
        Collections.rotate(reordered.subList(300, 340), 20);
        onlyAWitnessNotices(write(List.of(), reordered), early, "written anew, or has forked");
    }

    @Test
    void forkBehindWhatTheWitnessSawLast() throws Exception {
        List<byte[]> fork = new ArrayList<>(LEAVES.subList(0, 700));
        fork.addAll(Collections.nCopies(100, "note of another history".getBytes(StandardCharsets.US_ASCII)));
        Path forked = write(List.of(), fork);
        assertThat(verify(forked, early).bad()).isEmpty();
        onlyAWitnessNotices(forked, late, "written anew, or has forked");
        try (Witness witness = Witness.open(
                temporary.resolve("witness"), List.of(KEY.verifier()), List.of(WITNESS), Clock.systemUTC())) {
            witness.addCheckpoint(new WitnessRequest(0, List.of(), signed(LEAVES, KEY)).toBytes());
            TiledLog tiled = TiledLog.open(FolderTileStore.reading(forked));
            WitnessRequest request = new WitnessRequest(721, tiled.consistency(721, 800), signed(fork, KEY));
            assertThat(witness.addCheckpoint(request.toBytes()))
                    .isInstanceOfSatisfying(
                            Witness.Answer.Refused.class,
                            refused -> assertThat(refused.status()).isEqualTo(422));
        }
    }

    @Test
    void olderCheckpointOfAnotherLogOrOfNobodyProvesNothing() throws IOException {
        NoteSigner stranger = NoteSigner.generate(ORIGIN, KeyType.ED25519);
        named(log, -1, "older checkpoint", "no signature", signed(LEAVES, stranger));
        Tree tree = new Tree(721, Reference.root(LEAVES));
        SignedNote other = SignedNote.sign(new Checkpoint("audit.example/x", tree).text(), List.of(KEY), NOW);
        named(log, -1, "older checkpoint", "of another log", other);
        Files.write(log.resolve("checkpoint"), other.toBytes());
        named(log, -1, "checkpoint", "of another log than the given keys");
    }

    // --- Pruned logs ---

    @Test
    void prunedLogHoldsWithItsReceipt() throws IOException {
        List<byte[]> withReceipt = new ArrayList<>(LEAVES);
        withReceipt.add("pruned 512".getBytes(StandardCharsets.US_ASCII));
        Path pruned = write(List.of(), withReceipt);
        Files.delete(pruned.resolve("tile/entries/000"));
        Files.delete(pruned.resolve("tile/entries/001"));
        LogReport report = verify(pruned, early);
        assertThat(report.bad()).isEmpty();
        assertThat(report.gaps()).isEmpty();
        assertThat(report.pruned()).isEqualTo(512);
        assertThat(report.entries()).isEqualTo(210);
        // The last of three is more than the receipt says.
        Files.delete(pruned.resolve("tile/entries/002.p/210"));
        named(pruned, 512, "tile/entries/002.p/210", "missing");
    }

    private void forged(int index, String from, String to, String why) throws IOException {
        List<byte[]> changed = new ArrayList<>(LEAVES);
        changed.set(
                index,
                new String(changed.get(index), StandardCharsets.US_ASCII)
                        .replace(from, to)
                        .getBytes(StandardCharsets.US_ASCII));
        named(write(List.of(), changed), index, "tile/entries/001", why);
    }

    private static byte[] bundle(List<byte[]> entries) {
        var bytes = new ByteArrayOutputStream();
        entries.forEach(entry -> EntryBundle.append(bytes, entry));
        return bytes.toByteArray();
    }
}
