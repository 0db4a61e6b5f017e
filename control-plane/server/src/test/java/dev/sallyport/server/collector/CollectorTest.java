package dev.sallyport.server.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.audit.ChainCheck;
import dev.sallyport.audit.tlog.NoteVerifier;
import dev.sallyport.audit.tlog.SignedNote;
import dev.sallyport.contract.SealedBatch;
import dev.sallyport.server.collector.BatchRefusedException.Reason;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Streams go on where they ended, whatever is sent twice, too early, or by somebody else. */
class CollectorTest {
    @TempDir
    Path folder;

    private TestCollector mesh;

    @BeforeEach
    void open() throws Exception {
        mesh = new TestCollector(folder);
    }

    @AfterEach
    void close() {
        mesh.close();
    }

    private static List<String> lines(TestLog log, long first, long last) {
        return LongStream.rangeClosed(first, last)
                .mapToObj(number -> new String(log.line(number), java.nio.charset.StandardCharsets.US_ASCII))
                .toList();
    }

    private void refused(Reason reason, byte[] batch) {
        assertThatThrownBy(() -> mesh.collector.take(batch, mesh.back.id()))
                .isInstanceOfSatisfying(
                        BatchRefusedException.class, e -> assertThat(e.reason()).isEqualTo(reason));
    }

    @Test
    void everyRecordIsInTheLogOnceExactlyAndTheSealBehindIt() throws Exception {
        TestLog log = mesh.log("one", 8);
        mesh.take(log, 1, 4);
        mesh.take(log, 5, 10);
        assertThat(mesh.records()).isEqualTo(lines(log, 1, 10));
        List<String> entries = mesh.entries();
        int seal = entries.indexOf(lines(log, 4, 4).getFirst()) + 1;
        assertThat(entries.get(seal))
                .contains("\"EventName\":\"sallyport.audit.seal\"", "\"sallyport.audit.records\":4")
                .contains("\"stream\":\"back/b1/one\"", "-----BEGIN CERTIFICATE-----");
    }

    @Test
    void whatComesAgainIsAnsweredAndNotWrittenAgain() throws Exception {
        TestLog log = mesh.log("one", 20);
        mesh.take(log, 1, 5);
        mesh.take(log, 1, 5);
        mesh.take(log, 6, 12);
        // Cut anew: partly known, wholly known, and all at once.
        assertThat(mesh.collector.take(log.batch(mesh.back, 2, 7), mesh.back.id()))
                .isEqualTo(new Answer.Received(log.stream, 12));
        mesh.take(log, 4, 18);
        mesh.take(log, 1, 22);
        assertThat(mesh.records()).isEqualTo(lines(log, 1, 22));
        mesh.restart();
        mesh.take(log, 20, 22);
        assertThat(mesh.collector.take(log.batch(mesh.back, 3, 9), mesh.back.id()))
                .isEqualTo(new Answer.Received(log.stream, 22));
        assertThat(mesh.records()).isEqualTo(lines(log, 1, 22));
    }

    @Test
    void numbersThatACrashMayHaveTakenAreNoGapWhereTheChainGoesOn() throws Exception {
        TestLog log = mesh.log("one", 4);
        mesh.take(log, 1, 6);
        log.moreAfterCrash(4, 100);
        assertThat(mesh.collector.take(log.batch(mesh.back, 7, 9), mesh.back.id()))
                .isEqualTo(new Answer.Received(log.stream, 109));
        assertThat(mesh.collector.take(log.batch(mesh.back, 7, 9), mesh.back.id()))
                .isEqualTo(new Answer.Received(log.stream, 109));
        assertThat(mesh.collector.take(log.batch(mesh.back, 10, 12), mesh.back.id()))
                .isEqualTo(new Answer.Received(log.stream, 112));
        assertThat(mesh.records()).isEqualTo(lines(log, 1, 12));
        assertThat(mesh.collector.findings().open()).isZero();
        // The same words behind another history are a fork, and where a record before the header is missing, a gap.
        TestLog fork = TestLog.write(folder.resolve("skipping-fork"), log.stream, 4);
        fork.moreAfterCrash(1, 100);
        refused(Reason.FORK, fork.batch(mesh.back, 7, 8));
        TestLog odd = TestLog.write(folder.resolve("skipping-oddly"), log.stream, 10);
        odd.moreAfterCrash(1, 100);
        assertThat(mesh.collector.take(odd.batch(mesh.back, 13, 14), mesh.back.id()))
                .isEqualTo(new Answer.Missing(log.stream, 113));
        TestLog late = mesh.log("two", 4);
        mesh.take(late, 1, 5);
        late.moreAfterCrash(4, 100);
        assertThat(mesh.collector.take(late.batch(mesh.back, 7, 9), mesh.back.id()))
                .isEqualTo(new Answer.Missing(late.stream, 6));
    }

    @Test
    void anotherHistoryUnderTheSameNumbersIsRefusedAndFound() throws Exception {
        TestLog log = mesh.log("one", 20);
        TestLog copy = TestLog.write(folder.resolve("copy"), log.stream, 25);
        mesh.take(log, 1, 8);
        mesh.take(log, 9, 15);
        refused(Reason.FORK, copy.batch(mesh.back, 16, 20));
        refused(Reason.FORK, copy.batch(mesh.back, 10, 20));
        refused(Reason.FORK, copy.batch(mesh.back, 9, 15));
        refused(Reason.FORK, copy.batch(mesh.back, 2, 6));
        mesh.awaitIntegrated();
        refused(Reason.FORK, copy.batch(mesh.back, 10, 13));
        assertThat(mesh.finding(FindingKind.FORK).subject()).isEqualTo(log.stream);
        mesh.restart();
        refused(Reason.FORK, copy.batch(mesh.back, 2, 6));
        mesh.take(log, 16, 22);
        assertThat(mesh.records()).isEqualTo(lines(log, 1, 22));
    }

    /** White space behind the chain that a PEM reader passes over: it once made a leaf that no start could read. */
    @Test
    void aSealThatWouldMakeALeafTooLongIsRefusedAndNothingIsHeldUp() throws Exception {
        TestLog log = mesh.log("one", 8);
        TestMembers.Member back = mesh.back;
        for (String space : List.of("\u2003".repeat(9000), "\n".repeat(SealedBatch.CHAIN_CHARS_MAX))) {
            TestMembers.Member wide =
                    new TestMembers.Member(back.id(), back.instance(), back.chainPem() + space, back.key());
            refused(Reason.FORM, log.batch(wide, 1, 4));
        }
        mesh.take(log, 1, 4);
        mesh.restart();
        mesh.take(log, 5, 10);
        assertThat(mesh.records()).isEqualTo(lines(log, 1, 10));
    }

    @Test
    void whatIsMissingIsAskedForAndMissedWhenItCannotBeSent() throws Exception {
        TestLog log = mesh.log("one", 20);
        mesh.take(log, 1, 5);
        Answer.Missing missing = new Answer.Missing(log.stream, 6);
        assertThat(mesh.collector.take(log.batch(mesh.back, 9, 12), mesh.back.id()))
                .isEqualTo(missing);
        // A sidecar that has it sends it, and no record is lost.
        mesh.take(log, 6, 12);
        assertThat(mesh.collector.take(log.batch(mesh.back, 15, 18), mesh.back.id()))
                .isEqualTo(new Answer.Missing(log.stream, 13));
        // One that repeats itself at once may only not have heard the answer.
        for (int i = 0; i < 4; i++) {
            assertThat(mesh.collector.take(log.batch(mesh.back, 15, 18), mesh.back.id()))
                    .isInstanceOf(Answer.Missing.class);
        }
        mesh.clock.move(Duration.ofSeconds(3));
        mesh.take(log, 15, 18);
        mesh.take(log, 19, 22);
        List<String> wanted = new ArrayList<>(lines(log, 1, 12));
        wanted.addAll(lines(log, 15, 22));
        assertThat(mesh.records()).isEqualTo(wanted);
        Finding gap = mesh.finding(FindingKind.GAP);
        assertThat(gap.subject()).isEqualTo("back/b1/one 13-14");
        assertThat(gap.detail()).isEqualTo("2 records never came");
        assertThat(mesh.collector.findings().resolve(gap.id(), "ann", "the disk was replaced"))
                .isPresent();
        assertThat(mesh.collector.findings().list(true, 10)).noneMatch(open -> open.kind() == FindingKind.GAP);
        TestCollector.await(
                "leaves of the finding",
                () -> mesh.entries().stream()
                        .filter(entry -> entry.contains("sallyport.audit.finding\"") && entry.contains("\"gap\""))
                        .toList(),
                leaves -> leaves.size() == 2 && leaves.getLast().contains("by ann: the disk was replaced"));
    }

    @Test
    void aStreamBelongsToWhoeverBeganIt() throws Exception {
        TestLog log = mesh.log("one", 8);
        TestMembers.Member front = mesh.members.member("front", "b1");
        assertThatThrownBy(() -> mesh.collector.take(log.batch(front, 1, 3), front.id()))
                .hasMessageContaining("of service back (expected: the service of spiffe://small.example/sa/front)");
        mesh.take(log, 1, 3);
        assertThatThrownBy(() -> mesh.collector.take(log.batch(front, 4, 6), front.id()))
                .hasMessageContaining("another identity's");
        // A service that the mesh no longer has delivers the rest of a stream, and begins none.
        mesh.members.forget(mesh.back.id());
        mesh.take(log, 4, 6);
        TestLog second = mesh.log("two", 3);
        refused(Reason.STREAM, second.batch(mesh.back, 1, 3));
    }

    @Test
    void aLogThatBeginsAnewIsFoundAndItsEndEndsThat() throws Exception {
        TestLog log = mesh.log("one", 8);
        mesh.take(log, 1, 5);
        TestLog second = mesh.log("two", 3);
        mesh.take(second, 1, 3);
        assertThat(mesh.finding(FindingKind.BEGAN_ANEW).subject()).isEqualTo(log.stream);
        TestLog other = TestLog.write(folder.resolve("other"), "back/b2/one", 3);
        TestMembers.Member another = mesh.members.member("back", "b2");
        assertThat(mesh.collector.take(other.batch(another, 1, 3), another.id()))
                .isInstanceOf(Answer.Received.class);
        mesh.take(log, 6, 10);
        TestCollector.await(
                "open findings",
                () -> mesh.collector.findings().count(FindingKind.BEGAN_ANEW),
                count -> count == 0 || mesh.collector.findings().list(true, 9).size() == 1);
    }

    /** So many more streams of the identity in the store, none of which has ended. */
    private void fill(Instant newest) {
        mesh.store.change(handle -> {
            for (int i = 0; i < Streams.OF_ONE_MAX; i++) {
                handle.execute(
                        "insert into audit_streams (stream, identity, last, head, since, newest, ended) values (?, ?, 1, ?, 0, ?, 0)",
                        "back/b0/log" + i,
                        mesh.back.id().toString(),
                        ChainCheck.GENESIS,
                        newest.toEpochMilli());
            }
            return 0;
        });
    }

    @Test
    void aLogIsNotSignedOnBehindACheckpointOfAnother() throws Exception {
        TestLog log = mesh.log("one", 8);
        mesh.take(log, 1, 4);
        mesh.awaitIntegrated();
        mesh.close();
        Path before = folder.resolve("before-checkpoint");
        Folders.copy(folder.resolve("state"), before);
        mesh.open();
        mesh.take(log, 5, 10);
        mesh.awaitIntegrated();
        mesh.close();
        // Everything went back, but for the checkpoint.
        Path checkpoint = folder.resolve("state/audit/log/checkpoint");
        byte[] newer = Files.readAllBytes(checkpoint);
        Folders.delete(folder.resolve("state"));
        Folders.copy(before, folder.resolve("state"));
        Files.write(checkpoint, newer);
        assertThatThrownBy(mesh::open)
                .isInstanceOf(IOException.class)
                .hasMessageContaining("its tiles are not those of its checkpoint");
        // And with the one that belongs to it, it goes on.
        Files.copy(before.resolve("audit/log/checkpoint"), checkpoint, StandardCopyOption.REPLACE_EXISTING);
        mesh.open();
        mesh.take(log, 5, 10);
    }

    @Test
    void aStreamThatMadeRoomForOthersIsStillKnown() throws Exception {
        TestLog log = mesh.log("one", 8);
        TestLog copy = TestLog.write(folder.resolve("copy"), log.stream, 8);
        mesh.take(log, 1, 10);
        mesh.awaitIntegrated();
        fill(mesh.clock.instant().minus(Duration.ofHours(2)));
        mesh.restart();
        assertThat(mesh.collector.status().streams())
                .hasSize(Streams.OF_ONE_MAX)
                .noneMatch(stream -> stream.stream().equals(log.stream));
        mesh.take(log, 1, 10);
        refused(Reason.FORK, copy.batch(mesh.back, 1, 4));
        log.more(3);
        mesh.take(log, 11, 15);
        mesh.take(mesh.log("two", 3), 1, 3);
        assertThat(mesh.collector.status().streams()).hasSize(Streams.OF_ONE_MAX);
        assertThat(mesh.records().subList(0, 15)).isEqualTo(lines(log, 1, 15));
        assertThat(mesh.records()).hasSize(18);
    }

    @Test
    void anIdentityThatBeganTooManyStreamsBeginsNoMoreAndNobodyElseIsHeldUp() throws Exception {
        TestLog log = mesh.log("one", 8);
        mesh.take(log, 1, 5);
        mesh.awaitIntegrated();
        fill(mesh.clock.instant().minusSeconds(60));
        mesh.restart();
        TestLog second = mesh.log("two", 3);
        refused(Reason.STREAMS, second.batch(mesh.back, 1, 3));
        mesh.take(log, 6, 8);
        TestMembers.Member front = mesh.members.member("front", "f1");
        TestLog other = TestLog.write(folder.resolve("front"), "front/f1/one", 3);
        assertThat(mesh.collector.take(other.batch(front, 1, 3), front.id()))
                .isEqualTo(new Answer.Received(other.stream, 3));
        mesh.take(log, 9, 10);
        mesh.clock.move(Streams.KEPT_OPEN);
        mesh.take(second, 1, 3);
    }

    @Test
    void theCheckpointIsSignedWithBothKeysAndRenewed() throws Exception {
        TestLog log = mesh.log("one", 8);
        mesh.take(log, 1, 5);
        mesh.awaitIntegrated();
        long size = mesh.collector.records().size();
        TestCollector.await("published", () -> mesh.collector.publishedSize(), published -> published >= size);
        SignedNote note = SignedNote.parse(mesh.collector.records().checkpoint().orElseThrow());
        List<NoteVerifier> keys = new ArrayList<>();
        for (String key : mesh.collector.status().keys()) {
            keys.add(NoteVerifier.parse(key));
        }
        assertThat(note.verify(keys)).hasSize(2);
        assertThat(mesh.checkpoint().origin()).isEqualTo(TestCollector.ORIGIN);
        byte[] before = mesh.collector.records().checkpoint().orElseThrow();
        mesh.clock.move(Publication.RENEWED_EVERY);
        TestCollector.await(
                "a newer signature",
                () -> mesh.collector.records().checkpoint().orElseThrow(),
                now -> !java.util.Arrays.equals(now, before));
    }

    @Test
    void aSecondCollectorOnTheFolderIsRefused() {
        assertThatThrownBy(() -> CollectorParts.open(
                        new CollectorSettings(folder.resolve("state/audit"), TestCollector.ORIGIN, List.of(), 0),
                        mesh.members,
                        mesh.store,
                        mesh.clock,
                        tiles -> tiles))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("in use");
    }

    @Test
    void aLogOlderThanTheStoreIsRefusedAndAStoreOlderThanTheLogCatchesUp() throws Exception {
        TestLog log = mesh.log("one", 20);
        mesh.take(log, 1, 5);
        mesh.close();
        Path before = folder.resolve("before");
        Folders.copy(folder.resolve("state"), before);
        mesh.open();
        mesh.take(log, 6, 22);
        mesh.close();
        // The log's folder alone went back: it lost records that were answered.
        Path now = folder.resolve("now");
        Folders.copy(folder.resolve("state"), now);
        Folders.delete(folder.resolve("state/audit"));
        Folders.copy(before.resolve("audit"), folder.resolve("state/audit"));
        assertThatThrownBy(mesh::open).hasMessageContaining("which the store has seen in it");
        // The store alone went back: it learns from the log how far the streams are.
        Folders.delete(folder.resolve("state"));
        Folders.copy(before, folder.resolve("state"));
        Folders.delete(folder.resolve("state/audit"));
        Folders.copy(now.resolve("audit"), folder.resolve("state/audit"));
        mesh.open();
        mesh.take(log, 20, 22);
        assertThat(mesh.records()).isEqualTo(lines(log, 1, 22));
        TestLog fork = TestLog.write(folder.resolve("fork"), log.stream, 20);
        refused(Reason.FORK, fork.batch(mesh.back, 7, 9));
    }

    @Test
    void authoritiesCertificatesAreLeavesOnce() throws Exception {
        TestCollector.await(
                "certificates in the log",
                () -> mesh.entries().stream()
                        .filter(entry -> entry.contains("sallyport.audit.ca\""))
                        .toList(),
                leaves -> leaves.size() == 2);
        mesh.restart();
        mesh.take(mesh.log("one", 2), 1, 2);
        assertThat(mesh.entries().stream().filter(entry -> entry.contains("sallyport.audit.ca\"")))
                .hasSize(2);
    }

    @Test
    void listenersHearEveryLeafOnceInOrder() throws Exception {
        List<String> heard = new ArrayList<>();
        long from = mesh.collector.records().size();
        mesh.collector.records().listen((first, entries) -> {
            synchronized (heard) {
                assertThat(first).isGreaterThanOrEqualTo(from);
                entries.forEach(entry -> heard.add(new String(entry, java.nio.charset.StandardCharsets.UTF_8)));
            }
        });
        TestLog log = mesh.log("one", 300);
        for (long first = 1; first <= 300; first += 50) {
            mesh.take(log, first, first + 49);
        }
        List<String> all = mesh.entries();
        synchronized (heard) {
            assertThat(all).endsWith(heard.toArray(String[]::new));
            assertThat(heard.size()).isGreaterThanOrEqualTo(306);
        }
    }
}
