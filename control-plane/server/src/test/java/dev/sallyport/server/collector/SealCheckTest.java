package dev.sallyport.server.collector;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.audit.ChainCheck;
import dev.sallyport.contract.SealedBatch;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.collector.BatchRefusedException.Reason;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a batch must be before anybody looks where it stands. */
class SealCheckTest {
    @TempDir
    Path folder;

    private final SetClock clock = new SetClock();
    private TestMembers members;
    private TestMembers.Member back;
    private TestLog log;
    private SealCheck check;

    @BeforeEach
    void mesh() throws Exception {
        members = new TestMembers(folder, clock);
        back = members.member("back", "b1");
        log = TestLog.write(folder.resolve("log"), "back/b1/one", 6);
        check = new SealCheck(members::bundle, members::instanceOf, clock);
    }

    private void refused(Reason reason, byte[] body, String message) {
        refused(reason, body, back.id(), message);
    }

    private void refused(Reason reason, byte[] body, SpiffeId peer, String message) {
        assertThatThrownBy(() -> check.verify(body, peer)).isInstanceOfSatisfying(BatchRefusedException.class, e -> {
            assertThat(e.reason()).isEqualTo(reason);
            assertThat(e).hasMessageContaining(message);
        });
    }

    private byte[] sealed(byte[] text) {
        return log.sealed(back, 1, 4, text, clock.instant()).encode();
    }

    private static byte[] joined(byte[]... lines) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (byte[] line : lines) {
            text.writeBytes(line);
            text.write('\n');
        }
        return text.toByteArray();
    }

    @Test
    void linesAsTheSidecarWroteThemAreTaken() throws Exception {
        VerifiedBatch batch = check.verify(log.batch(back, 1, log.last()), back.id());
        assertThat(batch.lines()).hasSize((int) log.last());
        assertThat(batch.lines().getFirst().isHeader()).isTrue();
        assertThat(batch.lines().getLast().isEnd()).isTrue();
        assertThat(check.verify(log.batch(back, 3, 5), back.id()).lines()).hasSize(3);
    }

    @Test
    void everyTamperedBatchIsRefusedAndTheFirstBadRecordNamed() {
        byte[] flipped = log.line(3).clone();
        flipped[40] ^= 1;
        refused(Reason.CHAIN, sealed(joined(log.line(1), log.line(2), flipped, log.line(4))), "record 3: ");
        refused(
                Reason.CHAIN,
                sealed(joined(log.line(1), log.line(3), log.line(2), log.line(4))),
                "record 2: previous hash");
        refused(Reason.CHAIN, sealed(joined(log.line(1), log.line(2), log.line(4))), "record 3: previous hash");
        refused(
                Reason.CHAIN,
                sealed(joined(log.line(1), log.line(2), log.line(2), log.line(4))),
                "record 3: previous hash");
        refused(Reason.CHAIN, sealed(joined(log.line(1), log.line(2), log.line(3))), "expected: to 4");
        refused(
                Reason.CHAIN,
                sealed(joined(log.line(1), log.line(2), log.line(3), log.line(4), log.line(5))),
                "record 5: after the last one");
        refused(
                Reason.CHAIN,
                sealed(joined(log.line(1), "{}".getBytes(StandardCharsets.US_ASCII), log.line(3), log.line(4))),
                "record 2: does not end with its hash");
    }

    /** The text around a certificate and a signature has more than one spelling; what they say has not. */
    @Test
    void everyBitOfABatchCounts() throws Exception {
        byte[] body = log.batch(back, 1, 4);
        SealedBatch.Seal seal = SealedBatch.decode(body).seal();
        int refused = 0;
        for (int at = 5; at < body.length; at += 97) {
            byte[] altered = body.clone();
            altered[at] ^= 1;
            try {
                VerifiedBatch taken = check.verify(altered, back.id());
                assertThat(taken.seal().head()).as("bit flipped at %d", at).isEqualTo(seal.head());
                assertThat(taken.seal().at()).isEqualTo(seal.at());
                assertThat(taken.seal().stream()).isEqualTo(seal.stream());
            } catch (BatchRefusedException e) {
                refused++;
            }
        }
        assertThat(refused).isGreaterThan(body.length / 97 * 8 / 10);
    }

    @Test
    void anotherIdentitysBatchAndAnotherInstancesStreamAreRefused() throws Exception {
        TestMembers.Member front = members.member("front", "f1");
        TestMembers.Member other = members.member("back", "b2");
        refused(Reason.IDENTITY, log.batch(back, 1, 4), front.id(), "who brings it");
        refused(Reason.IDENTITY, log.batch(front, 1, 4), back.id(), "who brings it");
        refused(Reason.IDENTITY, log.batch(other, 1, 4), "issued to instance b1");
        TestMembers elsewhere = new TestMembers(folder.resolve("elsewhere"), clock);
        refused(Reason.IDENTITY, log.batch(elsewhere.member("back", "b1"), 1, 4), "seal: certificate chain");
    }

    @Test
    void aSealOfAnotherKeyIsRefused() throws Exception {
        TestMembers.Member other = members.member("back", "b1");
        TestMembers.Member mixed = new TestMembers.Member(back.id(), "b1", back.chainPem(), other.key());
        refused(Reason.IDENTITY, log.batch(mixed, 1, 4), "not signed with the key");
    }

    @Test
    void anEndedCertificateCountsForWhatWasSealedWhileItDid() throws Exception {
        TestMembers.Member brief = members.member("back", "b1", Duration.ofMinutes(10));
        byte[] before = log.batch(brief, 1, 4, clock.instant());
        clock.move(Duration.ofMinutes(30));
        assertThat(check.verify(before, back.id()).lines()).hasSize(4);
        refused(Reason.IDENTITY, log.batch(brief, 1, 4, clock.instant()), "valid");
        refused(
                Reason.IDENTITY,
                log.batch(back, 1, 4, clock.instant().plus(Duration.ofMinutes(6))),
                "not in the future");
    }

    @Test
    void aStreamIsNamedByServiceInstanceAndLog() throws Exception {
        for (String name : List.of("back", "back/b1", "back/b1/one/two", "back//one", "Back/b1/one", "back/b1/o ne")) {
            TestLog odd = TestLog.write(folder.resolve("odd-" + name.hashCode()), name, 1);
            refused(Reason.STREAM, odd.batch(back, 1, 2), "service/instance/name");
        }
        // Records of one log under the name of another.
        SealedBatch batch = SealedBatch.decode(log.batch(back, 1, 4));
        TestLog other = TestLog.write(folder.resolve("other"), "back/b1/two", 4);
        byte[] renamed = SealedBatch.seal(
                        other.stream,
                        1,
                        4,
                        batch.seal().previousHash(),
                        batch.seal().head(),
                        batch.lines(),
                        Instant.now(),
                        back.chainPem(),
                        back.key())
                .encode();
        refused(Reason.STREAM, renamed, "of another stream");
    }

    @Test
    void aSidecarCannotSpeakForTheCollector() {
        for (String event : List.of(
                "sallyport.audit.seal", "sallyport.audit.ca", "sallyport.audit.prune", "sallyport.audit.finding")) {
            byte[] line = TestLines.line("{\"Timestamp\":\"1\",\"EventName\":\"" + event + "\"", 2, ChainCheck.GENESIS);
            assertThatThrownBy(() -> new LineReader().read(line, "record 2"))
                    .hasMessageContaining("an event of a sidecar");
            // Whoever decodes it would read a seal there.
            byte[] escaped = TestLines.line(
                    "{\"Timestamp\":\"1\",\"EventName\":\"" + event.replace(".", "\\u002e") + "\"",
                    2,
                    ChainCheck.GENESIS);
            assertThatThrownBy(() -> new LineReader().read(escaped, "record 2")).hasMessageContaining("not JSON");
        }
    }

    @Test
    void anObjectInARecordIsNoSeal() throws Exception {
        byte[] line = TestLines.line(
                "{\"Timestamp\":{\"EventName\":\"sallyport.audit.seal\",\"a\":1},\"EventName\":\"sallyport.request\"",
                2,
                ChainCheck.GENESIS);
        assertThat(SealLeaf.parse(line)).isEmpty();
        assertThatThrownBy(() -> new LineReader().read(line, "record 2")).hasMessageContaining("does not begin with");
    }

    @Test
    void linesAreReadStrictly() {
        LineReader reader = new LineReader();
        String start = "{\"Timestamp\":\"1\",\"EventName\":\"e\"";
        for (String odd : List.of(
                start + ",\"EventName\":\"f\"",
                start + ",\"audit.sequence.number\":7",
                start + ",\"x\":\"\u00e9\"",
                start + ",\"x\":\"\t\"",
                start + ",\"x\":" + "[".repeat(40) + "]".repeat(40),
                start + ",\"x\":{\"a\":1,\"a\":2}",
                "{\"Timestamp\":\"1\"",
                "{\"audit.sequence.previous_hash\":\"" + ChainCheck.GENESIS + "\",\"EventName\":\"e\"",
                start + "} {\"x\":1")) {
            byte[] line = TestLines.line(odd, 2, ChainCheck.GENESIS);
            assertThatThrownBy(() -> reader.read(line, "record 2")).as(odd).isInstanceOf(BatchRefusedException.class);
        }
        byte[] huge = TestLines.line(start + ",\"x\":\"" + "y".repeat(65_600) + "\"", 2, ChainCheck.GENESIS);
        assertThatThrownBy(() -> reader.read(huge, "record 2")).hasMessageContaining("at most 65535");
    }

    @Test
    void bytesThatAreNoBatchAreRefused() {
        refused(Reason.FORM, new byte[0], "no seal");
        refused(Reason.FORM, "not a seal\n".getBytes(StandardCharsets.UTF_8), "audit seal");
        byte[] body = log.batch(back, 1, 4);
        refused(Reason.FORM, Arrays.copyOf(body, body.length - 1), "the last one a line feed");
    }
}
