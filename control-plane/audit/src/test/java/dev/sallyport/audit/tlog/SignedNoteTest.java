package dev.sallyport.audit.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class SignedNoteTest {
    private static final Instant NOW = Instant.ofEpochSecond(1_679_315_147);
    private static final Tree TREE = new Tree(7, MerkleProof.leaf(new byte[] {1}));
    private static final String TEXT = new Checkpoint("audit.example/shop", TREE).text();

    // C2SP signed-note, "Example".
    private static final String SPEC_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    private static final String SPEC_NOTE = """
            This is an example message.

            \u2014 example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=
            """;

    // golang.org/x/mod/sumdb/note.
    private static final String GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    private static final String GO_NOTE = """
            If you think cryptography is the answer to your problem,
            then you don't know what your problem is.

            \u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
            """;

    // What sum.golang.org published in 2023.
    private static final String SUMDB_KEY = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
    private static final String SUMDB_NOTE = """
            go.sum database tree
            15081221
            BoMMe1wd25Tco0mYGROkyqxHZWx+hcSCtMV315Lu6Lg=

            \u2014 sum.golang.org Az3grilD7vQqTrv66jRgKM84Y80KTprrSt4bKmiOPxgmS5ZVBTeCl6dUvjYnN13R+C8j0jGY1WnUADGMkok3U0m2Zgo=
            """;

    @Test
    void notesOfOthersVerifyWithTheirKeys() throws Exception {
        for (String[] known : new String[][] {{SPEC_KEY, SPEC_NOTE}, {GO_KEY, GO_NOTE}, {SUMDB_KEY, SUMDB_NOTE}}) {
            NoteVerifier key = NoteVerifier.parse(known[0]);
            SignedNote note = parse(known[1]);
            assertThat(note.verify(List.of(key))).singleElement().satisfies(verified -> {
                assertThat(verified.key()).isEqualTo(key);
                assertThat(verified.at()).isEmpty();
            });
            assertThat(note.toBytes()).isEqualTo(known[1].getBytes(StandardCharsets.UTF_8));
            assertThat(key.vkey()).isEqualTo(known[0]);
        }
        Checkpoint sumdb = Checkpoint.parse(parse(SUMDB_NOTE).text());
        assertThat(sumdb.origin()).isEqualTo("go.sum database tree");
        assertThat(sumdb.size()).isEqualTo(15_081_221);
    }

    @Test
    void changedTextOrAnotherKeyDoesNotVerify() throws Exception {
        NoteVerifier key = NoteVerifier.parse(SUMDB_KEY);
        refused(parse(SUMDB_NOTE.replace("15081221", "15081222")), key, "does not hold");
        refused(parse(SPEC_NOTE), key, "no signature of a known key");
    }

    @Test
    void everyManglingOfAKeyIsRefused() {
        for (int from = 0; from <= GO_KEY.length(); from++) {
            for (int to = from + 1; to <= GO_KEY.length(); to++) {
                if (from != 0 || to != GO_KEY.length()) {
                    keyRefused(GO_KEY.substring(from, to));
                }
            }
            if (from < GO_KEY.length()) {
                keyRefused(GO_KEY.substring(0, from) + (char) (GO_KEY.charAt(from) + 1) + GO_KEY.substring(from + 1));
            }
        }
        // From the same table of Go's: a key of another length, and an unknown type, each with the id that it would
        // have.
        keyRefused("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==");
        keyRefused("PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
    }

    private static void keyRefused(String vkey) {
        assertThatThrownBy(() -> NoteVerifier.parse(vkey)).as(vkey).isInstanceOf(InvalidNoteException.class);
    }

    @Test
    void whatIsNoNoteIsRefused() {
        String signature = SPEC_NOTE.substring(SPEC_NOTE.indexOf('\u2014'));
        for (String bad : new String[] {
            "",
            "\n",
            "text\n",
            "text\n\n",
            "text" + "\n" + signature,
            "text\n\n" + signature.strip(),
            "text\n\n" + signature + "\n",
            "text\n\n" + signature.replace("\u2014", "-"),
            "text\n\n" + signature.replace("foo ", "foo  "),
            "text\n\n" + signature.replace("example.com/foo", ""),
            "text\n\n" + signature.replace("example.com/foo", "a+b"),
            "text\n\n" + signature.replace("example.com/foo", "a\u00a0b"),
            "text\n\n" + signature.replace("=", ""),
            "text\n\n" + signature.replace("QM=", "QN="),
            "text\n\n\u2014 a AAAAAA==\n",
            "text\r\n\n" + signature,
            "te\u0000xt\n\n" + signature,
            "text\t\n\n" + signature
        }) {
            assertThatThrownBy(() -> parse(bad)).as(bad).isInstanceOf(InvalidNoteException.class);
        }
        assertThatThrownBy(() -> SignedNote.parse(("\u00ff\n\n" + signature).getBytes(StandardCharsets.ISO_8859_1)))
                .hasMessageContaining("note: ");
        assertThatThrownBy(() -> parse("text\n\n" + "x".repeat(SignedNote.BYTES_MAX)))
                .hasMessageContaining("at most");
        assertThatThrownBy(() -> parse("text\n\n" + signature.repeat(65))).hasMessageContaining("64");
    }

    @Test
    void textMayHaveEmptyLines() throws Exception {
        NoteSigner signer = NoteSigner.generate("a", KeyType.ED25519);
        SignedNote note = SignedNote.sign("one\n\n\ntwo\n", List.of(signer), NOW);
        SignedNote read = SignedNote.parse(note.toBytes());
        assertThat(read).isEqualTo(note);
        assertThat(read.verify(List.of(signer.verifier()))).hasSize(1);
    }

    @Test
    void everyKindSignsWhatItsVerifierReads() throws Exception {
        for (KeyType type : KeyType.values()) {
            NoteSigner signer = NoteSigner.generate("audit.example/shop", type);
            NoteVerifier key = NoteVerifier.parse(signer.verifier().vkey());
            SignedNote note =
                    SignedNote.parse(SignedNote.sign(TEXT, List.of(signer), NOW).toBytes());
            assertThat(note.verify(List.of(key)))
                    .singleElement()
                    .satisfies(verified -> assertThat(verified.at().isPresent()).isEqualTo(type.timed()));
            refused(new SignedNote(TEXT.replace("\n7\n", "\n8\n"), note.signatures()), key, "does not hold");
            NoteSignature signature = note.signatures().getFirst();
            byte[] cut = java.util.Arrays.copyOf(signature.bytes(), signature.bytes().length - 1);
            refused(new SignedNote(TEXT, List.of(new NoteSignature(key.name(), key.id(), cut))), key, "does not hold");
            byte[] flipped = signature.bytes().clone();
            flipped[7] ^= 1;
            refused(new SignedNote(TEXT, List.of(new NoteSignature(key.name(), key.id(), flipped))), key, "not hold");
        }
    }

    @Test
    void cosignaturesAreOverTheBytesThatTheSpecificationSays() {
        assertThat(new String(
                        KeyType.ED25519_COSIGNATURE
                                .message("w1", TEXT, NOW.getEpochSecond())
                                .orElseThrow(),
                        StandardCharsets.UTF_8))
                .isEqualTo("cosignature/v1\ntime 1679315147\n" + TEXT);
        byte[] expected = ByteBuffer.allocate(12 + 3 + 8 + 19 + 8 + 8 + 32)
                .put("subtree/v1\n\0".getBytes(StandardCharsets.US_ASCII))
                .put((byte) 2)
                .put("w1".getBytes(StandardCharsets.US_ASCII))
                .putLong(NOW.getEpochSecond())
                .put((byte) 18)
                .put("audit.example/shop".getBytes(StandardCharsets.US_ASCII))
                .putLong(0)
                .putLong(7)
                .put(TREE.root().toBytes())
                .array();
        assertThat(KeyType.ML_DSA_44_COSIGNATURE.message("w1", TEXT, NOW.getEpochSecond()))
                .contains(expected);
        assertThat(KeyType.ML_DSA_44_COSIGNATURE.message("w1", "no checkpoint\n", 1))
                .isEmpty();
    }

    @Test
    void cosignatureWithoutATimeOrBeyondOneDoesNotHold() {
        NoteSigner signer = NoteSigner.generate("w1", KeyType.ED25519_COSIGNATURE);
        for (long seconds : new long[] {0, -1}) {
            NoteSignature signature = signer.sign(TEXT, Instant.ofEpochSecond(seconds));
            assertThat(signer.verifier().verify(TEXT, signature)).isEmpty();
        }
    }

    @Test
    void signaturesOfOthersAreIgnoredAndSecondOnesRefused() throws Exception {
        NoteSigner log = NoteSigner.generate("audit.example/shop", KeyType.ED25519);
        NoteSigner stranger = NoteSigner.generate("audit.example/shop", KeyType.ED25519);
        SignedNote note = SignedNote.sign(TEXT, List.of(stranger, log, stranger), NOW);
        assertThat(note.verify(List.of(log.verifier()))).hasSize(1);
        refused(note, stranger.verifier(), "two signatures");
        List<NoteSignature> sixteen = new ArrayList<>(Collections.nCopies(15, stranger.sign(TEXT, NOW)));
        sixteen.add(log.sign(TEXT, NOW));
        assertThat(SignedNote.parse(new SignedNote(TEXT, sixteen).toBytes()).verify(List.of(log.verifier())))
                .hasSize(1);
    }

    @Test
    void oneSignatureThatDoesNotHoldMakesTheNoteWorthless() {
        NoteSigner good = NoteSigner.generate("audit.example/shop", KeyType.ED25519);
        NoteSigner bad = NoteSigner.generate("audit.example/shop", KeyType.ML_DSA_44_COSIGNATURE);
        SignedNote note =
                new SignedNote(TEXT, List.of(good.sign(TEXT, NOW), bad.sign(TEXT.replace("\n7\n", "\n8\n"), NOW)));
        assertThatThrownBy(() -> note.verify(List.of(good.verifier(), bad.verifier())))
                .hasMessageContaining("does not hold");
    }

    @Test
    void checkpointHasOneSpelling() throws Exception {
        assertThat(Checkpoint.parse(TEXT).text()).isEqualTo(TEXT);
        for (String bad : new String[] {
            TEXT + "extension\n",
            TEXT.strip(),
            TEXT.replace("\n7\n", "\n07\n"),
            TEXT.replace("\n7\n", "\n-7\n"),
            TEXT.replace("\n7\n", "\n+7\n"),
            TEXT.replace("\n7\n", "\n9223372036854775808\n"),
            TEXT.replace("=", ""),
            TEXT.replace("audit.example/shop", ""),
            TEXT.replace("audit.example/shop", "o".repeat(256)),
            "",
            "a\n7\nAAAA\n"
        }) {
            assertThatThrownBy(() -> Checkpoint.parse(bad)).as(bad).isInstanceOf(InvalidNoteException.class);
        }
    }

    private static SignedNote parse(String note) throws InvalidNoteException {
        return SignedNote.parse(note.getBytes(StandardCharsets.UTF_8));
    }

    private static void refused(SignedNote note, NoteVerifier key, String why) {
        assertThatThrownBy(() -> note.verify(List.of(key)))
                .isInstanceOf(InvalidNoteException.class)
                .hasMessageContaining(why);
    }
}
