package dev.sallyport.audit.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.audit.tlog.Witness.Answer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WitnessTest {
    private static final String ORIGIN = "audit.example/shop";
    private static final Instant NOW = Instant.ofEpochSecond(1_700_000_000);
    private static final Clock CLOCK = Clock.fixed(NOW, ZoneOffset.UTC);

    @TempDir
    private Path folder;

    private final NoteSigner key = NoteSigner.generate(ORIGIN, KeyType.ED25519);
    private TiledLog log;
    private List<NoteSigner> signers;
    private Witness witness;

    @BeforeEach
    void start() throws IOException {
        log = TiledLog.open(new MemoryTileStore());
        signers = LogKeys.witness(folder.resolve("witness.key"), "auditor.example/w1");
        open();
    }

    private void open() throws IOException {
        witness = Witness.open(folder.resolve("state"), List.of(key.verifier()), signers, CLOCK);
    }

    @AfterEach
    void close() throws IOException {
        witness.close();
    }

    @Test
    void growingLogIsCosignedAndTheCosignaturesVerify() throws Exception {
        log.append(Reference.entries(0, 300));
        WitnessRequest first = request(0, log.tree());
        Answer.Cosigned cosigned = cosigned(first);
        SignedNote note = first.note().with(cosigned.signatures());
        List<NoteVerifier> keys = signers.stream().map(NoteSigner::verifier).toList();
        assertThat(SignedNote.parse(note.toBytes()).verify(keys))
                .hasSize(2)
                .allMatch(verified -> verified.at().equals(java.util.Optional.of(NOW)));
        assertThat(Cosigners.of(note, keys, 1).names()).containsExactly("auditor.example/w1");

        log.append(Reference.entries(300, 1_000));
        cosigned(request(300, log.tree()));
        assertThat(witness.latest(ORIGIN).map(SignedNote::text)).contains(new Checkpoint(ORIGIN, log.tree()).text());
        // The same again: as of now it is still the largest.
        cosigned(request(1_000, log.tree()));
    }

    @Test
    void whatItCosignedSurvivesARestart() throws Exception {
        log.append(Reference.entries(0, 10));
        cosigned(request(0, log.tree()));
        witness.close();
        open();
        assertThat(answer(request(0, log.tree()))).isEqualTo(new Answer.Conflict(10));
        cosigned(request(10, log.tree()));
    }

    @Test
    void rollbackIsRefused() throws Exception {
        log.append(Reference.entries(0, 10));
        Tree early = log.tree();
        log.append(Reference.entries(10, 20));
        cosigned(request(0, log.tree()));
        assertThat(answer(request(10, early))).isEqualTo(new Answer.Conflict(20));
        assertThat(answer(request(20, early)))
                .isInstanceOfSatisfying(
                        Answer.Refused.class, r -> assertThat(r.status()).isEqualTo(400));
        assertThat(witness.latest(ORIGIN).orElseThrow().text()).contains("\n20\n");
    }

    @Test
    void forkIsRefusedWhateverItsProof() throws Exception {
        log.append(Reference.entries(0, 20));
        cosigned(request(0, log.tree()));
        TiledLog fork = TiledLog.open(new MemoryTileStore());
        fork.append(Reference.entries(100, 120));
        refused(new WitnessRequest(20, List.of(), signed(fork.tree(), key)), 422, "forked");
        fork.append(Reference.entries(120, 130));
        refused(new WitnessRequest(20, fork.consistency(20, 30), signed(fork.tree(), key)), 422, "does not lead");
        log.append(Reference.entries(20, 30));
        refused(new WitnessRequest(20, List.of(), signed(log.tree(), key)), 422, "does not lead");
        cosigned(request(20, log.tree()));
    }

    @Test
    void proofFromNothingMustBeEmptyAndAnEmptyTreeHasItsRoot() throws Exception {
        log.append(Reference.entries(0, 20));
        refused(new WitnessRequest(0, log.consistency(10, 20), signed(log.tree(), key)), 422, "expected: none");
        refused(new WitnessRequest(0, List.of(), signed(new Tree(0, log.tree().root()), key)), 422, "empty tree");
        cosigned(new WitnessRequest(0, List.of(), signed(Tree.EMPTY, key)));
    }

    @Test
    void unknownLogsUnsignedOnesAndWrongKeysAreRefused() throws Exception {
        log.append(Reference.entries(0, 20));
        NoteSigner other = NoteSigner.generate("audit.example/other", KeyType.ED25519);
        SignedNote ofOther =
                SignedNote.sign(new Checkpoint("audit.example/other", log.tree()).text(), List.of(other), NOW);
        refused(new WitnessRequest(0, List.of(), ofOther), 404, "not a log");
        refused(new WitnessRequest(0, List.of(), signed(log.tree(), other)), 403, "no signature");
        NoteSigner retired = NoteSigner.generate(ORIGIN, KeyType.ED25519);
        refused(new WitnessRequest(0, List.of(), signed(log.tree(), retired)), 403, "no signature");
        SignedNote broken = new SignedNote(
                new Checkpoint(ORIGIN, log.tree()).text(),
                signed(Tree.EMPTY, key).signatures());
        refused(new WitnessRequest(0, List.of(), broken), 403, "does not hold");
        assertThat(witness.latest(ORIGIN)).isEmpty();
    }

    @Test
    void whatIsNoRequestIsRefused() {
        String note = new String(signed(Tree.EMPTY, key).toBytes(), StandardCharsets.UTF_8);
        for (String bad : new String[] {
            "",
            "old 0\n",
            "\n" + note,
            "old 00\n\n" + note,
            "old -1\n\n" + note,
            "new 0\n\n" + note,
            "old 0\nAAAA\n\n" + note,
            "old 0\n" + (Tree.EMPTY.root() + "\n").repeat(64) + "\n" + note,
            "old 0\n\n" + note.replace("\n0\n", "\n0\nmore\n"),
            "old 0\n\nhello\n",
            "old 0\n\n" + "x".repeat(WitnessRequest.BYTES_MAX)
        }) {
            assertThat(witness.addCheckpoint(bad.getBytes(StandardCharsets.UTF_8)))
                    .as(bad)
                    .isInstanceOfSatisfying(
                            Answer.Refused.class,
                            refused -> assertThat(refused.status()).isEqualTo(400));
        }
    }

    @Test
    void stateThatIsDamagedInUseOrOfAnotherLogIsRefused() throws Exception {
        log.append(Reference.entries(0, 20));
        cosigned(request(0, log.tree()));
        assertThatThrownBy(this::open).hasMessageContaining("in use");
        witness.close();
        NoteSigner other = NoteSigner.generate("audit.example/other", KeyType.ED25519);
        assertThatThrownBy(() -> Witness.open(folder.resolve("state"), List.of(other.verifier()), signers, CLOCK))
                .hasMessageContaining("of " + ORIGIN + ", which no given log is");
        Path state = folder.resolve("state").resolve(WitnessedLog.name(ORIGIN)).resolve("checkpoint");
        byte[] stored = Files.readAllBytes(state);
        Files.write(state, new byte[] {'x'});
        assertThatThrownBy(this::open).hasMessageContaining("restore it from a copy");
        Files.write(state, stored);
        open();
    }

    @Test
    void diskThatFailsMeansNoCosignature() throws Exception {
        log.append(Reference.entries(0, 20));
        // A file where the folder should be.
        Files.writeString(folder.resolve("state").resolve(WitnessedLog.name(ORIGIN)), "");
        refused(request(0, log.tree()), 500, "nothing is cosigned");
        Files.delete(folder.resolve("state").resolve(WitnessedLog.name(ORIGIN)));
        cosigned(request(0, log.tree()));
    }

    @Test
    void clientReadsWhatTheWitnessAnswers() throws Exception {
        log.append(Reference.entries(0, 20));
        WitnessRequest request = request(0, log.tree());
        List<NoteVerifier> keys = signers.stream().map(NoteSigner::verifier).toList();
        StringBuilder lines = new StringBuilder();
        cosigned(request).signatures().forEach(signature -> lines.append(signature.line()));
        byte[] body = lines.toString().getBytes(StandardCharsets.UTF_8);
        assertThat(request.answer(200, body, keys))
                .isInstanceOfSatisfying(
                        WitnessRequest.Answer.Cosigned.class,
                        c -> assertThat(c.signatures()).hasSize(2));
        List<NoteVerifier> stranger =
                List.of(NoteSigner.generate("w2", KeyType.ED25519_COSIGNATURE).verifier());
        assertThat(request.answer(200, body, stranger)).isInstanceOf(WitnessRequest.Answer.Refused.class);
        assertThat(request.answer(409, "20\n".getBytes(StandardCharsets.UTF_8), keys))
                .isEqualTo(new WitnessRequest.Answer.Conflict(20));
        for (int status : new int[] {200, 302, 400, 403, 404, 409, 422, 500}) {
            assertThat(request.answer(status, "\u001b[2J".getBytes(StandardCharsets.UTF_8), keys))
                    .isInstanceOfSatisfying(
                            WitnessRequest.Answer.Refused.class,
                            refused -> assertThat(refused.why()).doesNotContain("\u001b"));
        }
    }

    private WitnessRequest request(long old, Tree tree) throws IOException {
        return new WitnessRequest(
                old, old > tree.size() ? List.of() : log.consistency(old, tree.size()), signed(tree, key));
    }

    private static SignedNote signed(Tree tree, NoteSigner signer) {
        return SignedNote.sign(new Checkpoint(ORIGIN, tree).text(), List.of(signer), NOW);
    }

    private Answer answer(WitnessRequest request) {
        return witness.addCheckpoint(request.toBytes());
    }

    private Answer.Cosigned cosigned(WitnessRequest request) {
        Answer answer = answer(request);
        assertThat(answer).isInstanceOf(Answer.Cosigned.class);
        return (Answer.Cosigned) answer;
    }

    private void refused(WitnessRequest request, int status, String why) {
        assertThat(answer(request)).isInstanceOfSatisfying(Answer.Refused.class, refused -> {
            assertThat(refused.status()).isEqualTo(status);
            assertThat(refused.why()).contains(why);
        });
    }
}
