package dev.sallyport.audit.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What somebody may do to a tiled log who can write its folder, but has no key: all of it is named. */
class TamperedFilesTest extends TamperedLog {
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
        named(log, -1, "checkpoint", "no signature of " + KEY.verifier().shown());
        Files.write(
                log.resolve("checkpoint"),
                new SignedNote(late.text(), signed(LEAVES.subList(0, 9), KEY).signatures()).toBytes());
        named(log, -1, "checkpoint", "does not hold");
        Files.writeString(log.resolve("checkpoint"), late.text());
        named(log, -1, "checkpoint", "expected: a text, an empty line, and signatures");
        Files.delete(log.resolve("checkpoint"));
        named(log, -1, "checkpoint", "not found");
    }

    /** A log that signs with two algorithms must not be as weak as the weaker one. */
    @Test
    void checkpointMustBeSignedByEachOfTheGivenKeys() throws IOException {
        NoteSigner quantum = NoteSigner.generate(ORIGIN, KeyType.ML_DSA_44_COSIGNATURE);
        List<NoteVerifier> both = List.of(KEY.verifier(), quantum.verifier());
        FolderTileStore store = FolderTileStore.reading(log);
        SignedNote whole = signed(LEAVES, KEY, quantum);
        String missing = "no signature of " + quantum.verifier().shown() + " (expected: of each of the given keys)";

        assertThat(TiledLogVerifier.verify(store, Trust.operator(both), SEALS).bad())
                .hasValueSatisfying(bad -> assertThat(bad.shown()).isEqualTo("checkpoint: checkpoint: " + missing));
        Files.write(log.resolve("checkpoint"), whole.toBytes());
        LogReport report = TiledLogVerifier.verify(store, new Trust(both, List.of(), 0, List.of(whole)), SEALS);
        assertThat(report.bad()).isEmpty();
        assertThat(report.signers())
                .containsExactly(KEY.verifier().shown(), quantum.verifier().shown());

        Trust since = new Trust(both, List.of(), 0, List.of(early));
        assertThat(TiledLogVerifier.verify(store, since, SEALS).bad())
                .hasValueSatisfying(bad ->
                        assertThat(bad.shown()).startsWith("older checkpoint").contains(missing));
        holds(log); // whoever has one key only asks for that one's signature
    }

    @Test
    void keyOfAnotherLogBesideTheRightOneIsRefusedAndOneGivenTwiceIsOne() throws IOException {
        NoteVerifier key = KEY.verifier();
        NoteVerifier other =
                NoteSigner.generate("audit.example/x", KeyType.ED25519).verifier();
        FolderTileStore store = FolderTileStore.reading(log);
        assertThat(TiledLogVerifier.verifyTree(store, Trust.operator(List.of(key, key)))
                        .bad())
                .isEmpty();
        assertThat(TiledLogVerifier.verifyTree(store, Trust.operator(List.of(key, other)))
                        .bad())
                .hasValueSatisfying(bad -> assertThat(bad.problem())
                        .contains("of another log than the given keys", "the name of " + other.shown()));
        assertThat(TiledLogVerifier.verifyTree(store, Trust.operator(List.of())).bad())
                .isPresent();
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

    private static byte[] bundle(List<byte[]> entries) {
        var bytes = new ByteArrayOutputStream();
        entries.forEach(entry -> EntryBundle.append(bytes, entry));
        return bytes.toByteArray();
    }
}
