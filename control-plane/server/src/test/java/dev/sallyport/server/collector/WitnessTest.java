package dev.sallyport.server.collector;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.tlog.LogKeys;
import dev.sallyport.audit.tlog.NoteSignature;
import dev.sallyport.audit.tlog.NoteSigner;
import dev.sallyport.audit.tlog.NoteVerifier;
import dev.sallyport.audit.tlog.SignedNote;
import dev.sallyport.audit.tlog.Witness;
import dev.sallyport.server.fetch.Fetch;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A checkpoint is published when enough witnesses have cosigned it; records are taken in any case. */
class WitnessTest {
    @TempDir
    Path folder;

    private TestCollector mesh;
    private final Map<String, Witness> answering = new ConcurrentHashMap<>();
    private final Map<String, List<NoteVerifier>> keys = new ConcurrentHashMap<>();

    @BeforeEach
    void open() throws Exception {
        mesh = new TestCollector(folder);
        mesh.members.witness = (targets, body) -> {
            Witness witness = answering.get(targets.written().getHost());
            if (witness == null) {
                throw new IOException("connection refused");
            }
            assertThat(targets.written().getPath()).isEqualTo("/w/add-checkpoint");
            return answer(witness.addCheckpoint(body));
        };
    }

    @AfterEach
    void close() {
        mesh.close();
    }

    private static Fetch.Answer answer(Witness.Answer answer) {
        return switch (answer) {
            case Witness.Answer.Cosigned(List<NoteSignature> signatures) ->
                new Fetch.Answer(
                        200, utf8(signatures.stream().map(NoteSignature::line).collect(Collectors.joining())));
            case Witness.Answer.Conflict(long size) -> new Fetch.Answer(409, utf8(size + "\n"));
            case Witness.Answer.Refused(int status, String why) -> new Fetch.Answer(status, utf8(why));
        };
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private WitnessAddress witness(String name) throws Exception {
        List<NoteVerifier> logKeys = new ArrayList<>();
        for (String key : mesh.collector.status().keys()) {
            logKeys.add(NoteVerifier.parse(key));
        }
        List<NoteSigner> signers = LogKeys.witness(folder.resolve(name + ".keys"), name);
        answering.put(name, Witness.open(folder.resolve(name), logKeys, signers, Clock.systemUTC()));
        keys.put(name, signers.stream().map(NoteSigner::verifier).toList());
        return new WitnessAddress(URI.create("https://" + name + "/w/"), keys.get(name), List.of());
    }

    private void with(int quorum, WitnessAddress... witnesses) throws IOException {
        mesh.close();
        mesh.witnesses = List.of(witnesses);
        mesh.quorum = quorum;
        mesh.open();
    }

    private void awaitPublished(long size) throws Exception {
        TestCollector.await("published size", () -> mesh.collector.publishedSize(), published -> published >= size);
    }

    private List<String> cosigners() throws Exception {
        SignedNote note = SignedNote.parse(mesh.collector.records().checkpoint().orElseThrow());
        return note.signatures().stream().map(NoteSignature::name).distinct().toList();
    }

    @Test
    void theQuorumCosignsAndWhoeverIsAwayCatchesUp() throws Exception {
        with(2, witness("w1.example"), witness("w2.example"), witness("w3.example"));
        Witness away = answering.remove("w3.example");
        TestLog log = mesh.log("one", 20);
        mesh.take(log, 1, 10);
        mesh.awaitIntegrated();
        awaitPublished(mesh.collector.records().size());
        assertThat(cosigners()).containsExactly(TestCollector.ORIGIN, "w1.example", "w2.example");
        answering.put("w3.example", away);
        mesh.take(log, 11, 22);
        mesh.awaitIntegrated();
        awaitPublished(mesh.collector.records().size());
        assertThat(cosigners()).contains("w3.example");
        assertThat(mesh.collector.status().witnesses().cosigned()).hasSize(3);
        // After a restart nothing is known of what they cosigned: they say so.
        mesh.restart();
        mesh.log("two", 3);
        mesh.take(log, 22, 22);
        TestCollector.await("cosigners", this::cosigners, found -> found.size() == 4);
    }

    @Test
    void withoutAQuorumTheOldCheckpointStaysAndRecordsAreTaken() throws Exception {
        with(2, witness("w1.example"), witness("w2.example"));
        TestLog log = mesh.log("one", 20);
        mesh.take(log, 1, 10);
        mesh.awaitIntegrated();
        awaitPublished(mesh.collector.records().size());
        long before = mesh.collector.publishedSize();
        Witness away = answering.remove("w2.example");
        mesh.take(log, 11, 15);
        mesh.take(log, 16, 22);
        mesh.awaitIntegrated();
        assertThat(mesh.finding(FindingKind.QUORUM).detail())
                .contains("1 of 2 witnesses cosigned (expected: 2)", "w2.example: connection refused");
        assertThat(mesh.collector.publishedSize()).isEqualTo(before);
        assertThat(mesh.checkpoint().size()).isEqualTo(before);
        answering.put("w2.example", away);
        awaitPublished(before + 12);
        TestCollector.await("findings", () -> mesh.collector.findings().count(FindingKind.QUORUM), count -> count == 0);
    }

    @Test
    void aWitnessThatHasSeenMoreOrOtherThanTheLogIsBelieved() throws Exception {
        WitnessAddress witness = witness("w1.example");
        with(1, witness);
        TestLog log = mesh.log("one", 20);
        mesh.take(log, 1, 5);
        mesh.awaitIntegrated();
        awaitPublished(mesh.collector.records().size());
        mesh.close();
        Folders.copy(folder.resolve("state"), folder.resolve("before"));
        mesh.open();
        mesh.take(log, 6, 22);
        mesh.awaitIntegrated();
        awaitPublished(mesh.collector.records().size());
        long seen = mesh.collector.publishedSize();
        mesh.close();
        // Store and log go back together: nothing here knows, the witness does.
        Folders.delete(folder.resolve("state"));
        Folders.copy(folder.resolve("before"), folder.resolve("state"));
        mesh.open();
        assertThat(mesh.finding(FindingKind.WITNESS_DISAGREES).detail()).contains("a log of " + seen + " leaves");
        // Other records up to the same size, and beyond: the proof does not hold.
        TestLog other = mesh.log("two", 60);
        mesh.take(other, 1, 60);
        mesh.awaitIntegrated();
        TestCollector.await(
                "what the witness says",
                () -> mesh.collector.status().witnesses().problems(),
                problems -> problems.toString().contains("status 422"));
        assertThat(mesh.collector.publishedSize()).isLessThan(seen);
    }

    @Test
    void aCosignatureOfAnotherKeyCountsForNothing() throws Exception {
        WitnessAddress first = witness("w1.example");
        WitnessAddress second = witness("w2.example");
        with(1, new WitnessAddress(first.url(), second.keys(), List.of()));
        mesh.take(mesh.log("one", 3), 1, 3);
        mesh.awaitIntegrated();
        assertThat(mesh.finding(FindingKind.QUORUM).detail()).contains("no signature of a known key");
    }
}
