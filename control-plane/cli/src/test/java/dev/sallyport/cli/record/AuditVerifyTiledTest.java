package dev.sallyport.cli.record;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.audit.tlog.FolderTileStore;
import dev.sallyport.audit.tlog.KeyType;
import dev.sallyport.audit.tlog.NoteSigner;
import dev.sallyport.audit.tlog.SignedNote;
import dev.sallyport.audit.tlog.TiledLog;
import dev.sallyport.audit.tlog.TlogProof;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.testing.Ran;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditVerifyTiledTest {
    @TempDir
    private Path folder;

    private SealedLog sealed;
    private String key;
    private String witness;
    private Path log;

    @BeforeEach
    void log() throws Exception {
        sealed = new SealedLog(folder);
        key = sealed.key.verifier().vkey();
        witness = sealed.witness.verifier().vkey();
        log = sealed.write("log", sealed.leaves, sealed.key, sealed.witness);
    }

    @Test
    void wholeLogHoldsAndSaysWhoVouchesForIt() throws Exception {
        Ran alone = sallyport("audit", "verify", log, "--key", key, "--expect", "300")
                .held();
        assertThat(alone.out())
                .contains("√ audit.shop.example/shop holds", "300 requests and refused connections in 1 stream")
                .contains("operator-trusted");
        Path keyFile = Files.writeString(folder.resolve("log.vkey"), key + "\n");
        Ran cosigned = sallyport("audit", "verify", log, "--key", keyFile, "--witness", witness)
                .held();
        assertThat(cosigned.out()).contains("cosigned by auditor.example/w1").doesNotContain("operator-trusted");
        Ran json = sallyport("audit", "verify", log, "--key", key, "-o", "json").held();
        assertThat(json.json().path("holds").asBoolean()).isTrue();
        assertThat(json.json().path("trust").asText()).isEqualTo("operator");
        assertThat(json.json().at("/streams/0/stream").asText()).isEqualTo(sealed.stream);
    }

    @Test
    void eachGivenKeyMustHaveSignedTheLogAndTheOlderCheckpoint() throws Exception {
        NoteSigner quantum = NoteSigner.generate(SealedLog.ORIGIN, KeyType.ML_DSA_44_COSIGNATURE);
        String second = quantum.verifier().vkey();
        String missing = "no signature of " + quantum.verifier().shown();
        sallyport("audit", "verify", log, "--key", key, "--key", second).refused(6, "checkpoint: ", missing);
        Path both = sealed.write("both", sealed.leaves, sealed.key, quantum);
        sallyport("audit", "verify", both, "--key", key, "--key", second).held();
        sallyport("audit", "verify", both, "--key", key, "--key", second, "--since", both.resolve("checkpoint"))
                .held();
        sallyport("audit", "verify", both, "--key", key, "--key", second, "--since", log.resolve("checkpoint"))
                .refused(6, "older checkpoint", missing);
    }

    @Test
    void firstBadRecordIsNamed() throws Exception {
        int index = sealed.indexOf("\"r120\"");
        List<byte[]> changed = new ArrayList<>(sealed.leaves);
        changed.set(
                index,
                new String(changed.get(index), StandardCharsets.US_ASCII)
                        .replace("\"r120\"", "\"r666\"")
                        .getBytes(StandardCharsets.US_ASCII));
        Path forged = sealed.write("forged", changed, sealed.key);
        sallyport("audit", "verify", forged, "--key", key)
                .refused(6, "entry " + index + " (tile/entries/000): record ", "its hash is not that of its bytes");
        Ran json = sallyport("audit", "verify", forged, "--key", key, "-o", "json");
        assertThat(json.exit()).isEqualTo(6);
        assertThat(json.json().at("/bad/index").asInt()).isEqualTo(index);
    }

    @Test
    void sealWithoutItsAuthorityOrByAnotherKeyDoesNotHold() throws Exception {
        List<byte[]> rootless = new ArrayList<>(sealed.leaves.subList(1, sealed.leaves.size()));
        Path without = sealed.write("without", rootless, sealed.key);
        sallyport("audit", "verify", without, "--key", key).refused(6, "entry 100 ", "expected: --ca FILE");
        Path ca = Files.writeString(folder.resolve("ca.pem"), sealed.root);
        sallyport("audit", "verify", without, "--key", key, "--ca", ca).held();

        Files.createDirectory(folder.resolve("other"));
        List<byte[]> late = new ArrayList<>(rootless);
        late.add(sealed.leaves.getFirst());
        sallyport("audit", "verify", sealed.write("late", late, sealed.key), "--key", key)
                .held();
        SealedLog other = new SealedLog(folder.resolve("other"));
        List<byte[]> foreign = new ArrayList<>(other.leaves);
        foreign.set(0, sealed.leaves.getFirst());
        sallyport("audit", "verify", sealed.write("foreign", foreign, sealed.key), "--key", key)
                .refused(6, "entry 101 ", "seal: ");
        int seal = sealed.indexOf("sallyport.audit.seal\"");
        List<byte[]> altered = new ArrayList<>(sealed.leaves);
        altered.set(
                seal,
                new String(altered.get(seal), StandardCharsets.US_ASCII)
                        .replace("\"at\":\"2026-03-02T10:14:07", "\"at\":\"2026-03-02T10:14:08")
                        .getBytes(StandardCharsets.US_ASCII));
        sallyport("audit", "verify", sealed.write("altered", altered, sealed.key), "--key", key)
                .refused(6, "entry " + seal + " ", "not signed with the key of its certificate");
    }

    @Test
    void streamThatAnotherIdentityGoesOnWithDoesNotHold() throws Exception {
        JsonNode second = Invocation.JSON.readTree(sealed.leaves.get(202)).path("sallyport.audit.seal");
        List<byte[]> changed = new ArrayList<>(sealed.leaves);
        for (String account : List.of("payment", "orders")) {
            changed.set(
                    202,
                    sealed.seal(
                            account,
                            second.path("first").asLong(),
                            second.path("last").asLong(),
                            second.path("previousHash").asText(),
                            second.path("head").asText()));
            Ran ran = sallyport("audit", "verify", sealed.write(account + "-seals", changed, sealed.key), "--key", key);
            if (account.equals("payment")) {
                ran.held(); // with another certificate
            } else {
                ran.refused(6, "entry 202 ", "by spiffe://shop.example/sa/orders", "sa/payment, as before)");
            }
        }
    }

    @Test
    void missingBatchIsAFinding() throws Exception {
        List<byte[]> cut = new ArrayList<>(sealed.leaves);
        cut.subList(102, 203).clear();
        Ran ran = sallyport("audit", "verify", sealed.write("cut", cut, sealed.key), "--key", key);
        ran.refused(5, "records are missing in 1 place", "records 101 to 200 are not in the log");
    }

    @Test
    void cutTailIsNamedByAnOlderCheckpointAlone() throws Exception {
        Path cut = sealed.write("cut", sealed.leaves.subList(0, 203), sealed.key);
        sallyport("audit", "verify", cut, "--key", key).held();
        sallyport("audit", "verify", cut, "--key", key, "--since", log.resolve("checkpoint"))
                .refused(6, "checkpoint: names 203 entries, but the older checkpoint has");
        Ran since = sallyport("audit", "verify", log, "--key", key, "--since", cut.resolve("checkpoint"))
                .held();
        assertThat(since.out()).contains("begins with the 203 entries of the older checkpoint", "operator-trusted");
    }

    @Test
    void whomToBelieveMustBeSaid() throws Exception {
        sallyport("audit", "verify", log).refused(2, "--key: missing");
        sallyport("audit", "verify", log, "--key", "x").refused(2, "--key: verifier key: (expected: name+id+key)");
        sallyport("audit", "verify", log, "--key", witness)
                .refused(6, "checkpoint: ", "of another log than the given keys");
        NoteSigner stranger = NoteSigner.generate("stranger/w2", KeyType.ED25519_COSIGNATURE);
        String both = stranger.verifier().vkey();
        sallyport("audit", "verify", log, "--key", key, "--witness", witness, "--witness", both)
                .refused(6, "cosigned by 1 of the given witnesses", "at least 2");
        sallyport("audit", "verify", log, "--key", key, "--witness", witness, "--witness", both, "--quorum", "1")
                .held();
        sallyport("audit", "verify", log, "--key", key, "--quorum", "1").refused(2, "--quorum: 1 (expected: 0 to 0");
        sallyport("audit", "verify", log, "--key", key, "--since", folder.resolve("no"))
                .refused(2, "not found");
        sallyport("audit", "verify", log, "--key", key, "--expect", "7").refused(6, "expected: 7");
    }

    @Test
    void proofOfOneRecordHoldsByItself() throws Exception {
        TiledLog tiled = TiledLog.open(FolderTileStore.reading(log));
        SignedNote note = sealed.note(tiled, sealed.key, sealed.witness);
        int index = sealed.indexOf("\"r7\"");
        TlogProof proof = TlogProof.of(sealed.leaves.get(index), index, tiled.inclusion(index, tiled.size()), note);
        Path file = Files.write(folder.resolve("r7.tlog-proof"), proof.toBytes());
        Ran ran = sallyport("audit", "verify", file, "--key", key, "--witness", witness)
                .held();
        assertThat(ran.out())
                .contains("\"r7\"", "√ is entry " + index + " of audit.shop.example/shop", "cosigned by auditor");
        assertThat(sallyport("audit", "verify", file, "--key", key).held().out())
                .contains("operator-trusted");
        assertThat(sallyport("audit", "verify", file, "--key", key, "-o", "json")
                        .held()
                        .json()
                        .at("/record/audit.record.id")
                        .asText())
                .isEqualTo("r7");
        TlogProof forged = TlogProof.of(sealed.leaves.get(index + 1), index, proof.hashes(), note);
        Files.write(file, forged.toBytes());
        sallyport("audit", "verify", file, "--key", key).refused(6, "is not number " + index);
        Files.writeString(file, "nothing");
        sallyport("audit", "verify", file, "--key", key).refused(6, "c2sp.org/tlog-proof@v1");
    }
}
