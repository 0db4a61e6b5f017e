package dev.sallyport.audit.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TlogProofTest {
    private final NoteSigner key = NoteSigner.generate("audit.example/shop", KeyType.ED25519);
    private final NoteSigner witness = NoteSigner.generate("auditor.example/w1", KeyType.ML_DSA_44_COSIGNATURE);
    private final List<byte[]> entries = Reference.entries(0, 700);
    private TlogProof proof;

    @BeforeEach
    void prove() throws IOException {
        TiledLog log = TiledLog.open(new MemoryTileStore());
        log.append(entries);
        SignedNote note = SignedNote.sign(
                new Checkpoint("audit.example/shop", log.tree()).text(),
                List.of(key, witness),
                Instant.ofEpochSecond(9));
        proof = TlogProof.of(entries.get(300), 300, log.inclusion(300, 700), note);
    }

    @Test
    void proofInAFileHoldsByItself() throws Exception {
        TlogProof read = TlogProof.parse(proof.toBytes());
        assertThat(read.toBytes()).isEqualTo(proof.toBytes());
        assertThat(read.extra().orElseThrow()).isEqualTo(entries.get(300));
        Checkpoint.Signed proved = read.verify(read.extra().orElseThrow(), List.of(key.verifier()));
        assertThat(proved.checkpoint().size()).isEqualTo(700);
        assertThat(Cosigners.of(read.note(), List.of(witness.verifier()), 1).names())
                .containsExactly("auditor.example/w1");
        assertThat(new String(proof.toBytes(), StandardCharsets.UTF_8))
                .startsWith("c2sp.org/tlog-proof@v1\nextra ZW50cnkgMzAw\nindex 300\n");
    }

    @Test
    void anotherEntryIndexRootOrSignerDoesNotHold() throws Exception {
        List<NoteVerifier> keys = List.of(key.verifier());
        refused(proof, entries.get(301), keys, "not number 300");
        refused(
                new TlogProof(Optional.empty(), 301, proof.hashes(), proof.note()),
                entries.get(300),
                keys,
                "not number 301");
        refused(
                new TlogProof(Optional.empty(), 300, proof.hashes().reversed(), proof.note()),
                entries.get(300),
                keys,
                "not number");
        // A witness vouches for the tree, not for being the log.
        refused(proof, entries.get(300), List.of(witness.verifier()), "of another log than the given keys");
        NoteSigner retired = NoteSigner.generate("audit.example/shop", KeyType.ED25519);
        refused(proof, entries.get(300), List.of(retired.verifier()), "no signature");
        refused(
                proof,
                entries.get(300),
                List.of(key.verifier(), retired.verifier()),
                "no signature of " + retired.verifier().shown());
        assertThatThrownBy(() -> Cosigners.of(proof.note(), List.of(retired.verifier()), 1))
                .hasMessageContaining("expected: at least 1");
    }

    @Test
    void proofWithoutAnExtraLineAndOfTheOnlyEntryIsRead() throws Exception {
        TiledLog log = TiledLog.open(new MemoryTileStore());
        log.append(List.of(new byte[] {1}));
        SignedNote note = SignedNote.sign(
                new Checkpoint("audit.example/shop", log.tree()).text(), List.of(key), Instant.ofEpochSecond(9));
        TlogProof only = TlogProof.parse(new TlogProof(Optional.empty(), 0, List.of(), note).toBytes());
        assertThat(only.extra()).isEmpty();
        only.verify(new byte[] {1}, List.of(key.verifier()));
    }

    @Test
    void whatIsNoProofIsRefused() {
        String whole = new String(proof.toBytes(), StandardCharsets.UTF_8);
        for (String bad : new String[] {
            "",
            "c2sp.org/tlog-proof@v1\n",
            whole.replace("@v1", "@v2"),
            whole.replace("index 300", "index 0300"),
            whole.replace("index 300", "index x"),
            whole.replace("index 300\n", ""),
            whole.replace("extra Z", "extra !"),
            whole.replace("index 300\n", "index 300\nAAAA\n"),
            whole.replace("index 300\n", "index 300\n" + (Tree.EMPTY.root() + "\n").repeat(64)),
            whole.substring(0, whole.indexOf("\n\n") + 2),
            whole + "x",
            "x".repeat(TlogProof.BYTES_MAX + 1)
        }) {
            assertThatThrownBy(() -> TlogProof.parse(bad.getBytes(StandardCharsets.UTF_8)))
                    .as(bad.length() > 200 ? bad.substring(0, 200) : bad)
                    .isInstanceOf(InvalidNoteException.class);
        }
    }

    private static void refused(TlogProof proof, byte[] entry, List<NoteVerifier> keys, String why) {
        assertThatThrownBy(() -> proof.verify(entry, keys))
                .isInstanceOf(InvalidNoteException.class)
                .hasMessageContaining(why);
    }
}
