package dev.sallyport.audit.tlog;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * What somebody may do to a tiled log who has the log's key, so that everything is computed and signed anew: the streams and their seals name it, except what only a witness, or whoever
 * kept an older checkpoint, can notice. That is shown to pass without them.
 */
class ResignedLogTest extends TamperedLog {
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
    void streamThatAnotherIdentityGoesOnWithIsNamed() throws IOException {
        Workload shared = SEALS.workload("shared/i1/e");
        Workload thief = SEALS.workload("thief/i1/f");
        List<byte[]> leaves = new ArrayList<>(shared.batch(3));
        String before = shared.head;
        leaves.addAll(shared.batch(3));
        holds(write(List.of(), leaves)); // by one identity
        leaves.set(7, thief.seal(shared.stream, 4, 6, before, shared.head));
        named(
                write(List.of(), leaves),
                7,
                "tile/entries/000.p/8",
                "a seal of shared/i1/e by thief/i1/f (expected: by shared/i1/e, as before)");
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
    void wholeStreamThatAnotherIdentityReplaced() throws IOException {
        String stream = "payment/i1/b";
        Workload thief = SEALS.workload("thief/i2/g");
        Workload forged = new Workload(stream);
        List<byte[]> replaced = new ArrayList<>(LEAVES);
        for (int at = 20; at < 720; at += 60) {
            long first = forged.number + 1;
            String before = forged.head;
            List<byte[]> batch = forged.batch(19);
            batch.set(19, thief.seal(stream, first, forged.number, before, forged.head));
            for (int i = 0; i < 20; i++) {
                replaced.set(at + i, batch.get(i));
            }
        }
        onlyAWitnessNotices(write(List.of(), replaced), early, "written anew, or has forked");
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
        named(log, -1, "older checkpoint", "no signature of " + KEY.verifier().shown(), signed(LEAVES, WITNESS));
        Tree tree = new Tree(721, Reference.root(LEAVES));
        SignedNote other = SignedNote.sign(new Checkpoint("audit.example/x", tree).text(), List.of(KEY), NOW);
        named(log, -1, "older checkpoint", "of another log", other);
        Files.write(log.resolve("checkpoint"), other.toBytes());
        named(log, -1, "checkpoint", "of another log than the given keys");
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
}
