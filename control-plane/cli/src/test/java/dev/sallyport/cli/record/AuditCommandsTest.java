package dev.sallyport.cli.record;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Direction;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.audit.tlog.FolderTileStore;
import dev.sallyport.audit.tlog.LogReport;
import dev.sallyport.audit.tlog.NoteSigner;
import dev.sallyport.audit.tlog.TiledLogVerifier;
import dev.sallyport.audit.tlog.TlogProof;
import dev.sallyport.audit.tlog.Trust;
import dev.sallyport.cli.testing.CollectedLog;
import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.SidecarState;
import dev.sallyport.cli.testing.StubControlPlane;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is read of the collected log, and how it is shown. */
class AuditCommandsTest {
    private static final String DENIED = "01JZ8Q4T00000000000000000A";
    private static final String ALLOWED = "01JZ8Q4T00000000000000000B";
    private static final String CALLED = "01JZ8Q4T00000000000000000C";
    private static final String HOSTILE = "G\u001b[2J\u009b31m\u2028\u202e\nX";

    @TempDir
    private Path folder;

    private StubControlPlane stub;
    private CollectedLog log;
    private SidecarState payment;

    @BeforeEach
    void start() throws Exception {
        stub = StubControlPlane.start(folder);
        Files.createDirectories(folder.resolve("collected"));
        log = new CollectedLog(folder.resolve("collected"), stub);
        payment = new SidecarState(folder.resolve("state/payment"), "payment");
        AuditRecord denied = payment.request(DENIED, Direction.INBOUND, 41, "9b74");
        denied.callerId = "spiffe://shop.example/sa/catalog";
        denied.method = HOSTILE;
        denied.verdict = Verdict.DENY;
        denied.reason = "caller_not_allowed";
        denied.status = 403;
        AuditRecord allowed = payment.request(ALLOWED, Direction.INBOUND, 41, "9b74");
        allowed.callerId = "spiffe://shop.example/sa/orders";
        allowed.method = "POST";
        allowed.route = "payment/charge";
        allowed.verdict = Verdict.ALLOW;
        allowed.reason = "allowed";
        allowed.status = 200;
        payment.record(denied, allowed);
        SidecarState orders = new SidecarState(folder.resolve("state/orders"), "orders");
        AuditRecord called = orders.request(CALLED, Direction.OUTBOUND, 41, "9b74");
        called.callerId = "spiffe://shop.example/sa/orders";
        called.method = "POST";
        called.verdict = Verdict.ALLOW;
        called.reason = "allowed";
        called.status = 200;
        called.upstreamService = "payment";
        orders.record(called);
        log.addAll(payment).addAll(orders).publish();
    }

    @AfterEach
    void stop() {
        log.close();
    }

    private Ran audit(Object... words) {
        return sallyport(Stream.concat(
                        Stream.of("audit"), Stream.concat(Arrays.stream(words), Stream.of("--context", stub.context)))
                .toArray());
    }

    private static void assertHarmless(String text) {
        assertThat(text.codePoints()
                        .filter(c -> c != '\n')
                        .filter(c -> c < 32 || (c >= 127 && c < 160) || c == 0x2028 || c == 0x202e))
                .as(text)
                .isEmpty();
    }

    @Test
    void searchShowsWhatMatchesTheNewestFirst() {
        Ran ran = audit("search").held();
        assertThat(ran.out().lines().skip(1).map(line -> line.replaceFirst(".* ", "")))
                .containsExactly(CALLED, ALLOWED, DENIED);
        assertThat(audit("search", "--decision", "deny").held().out())
                .contains(DENIED, "sa/catalog")
                .doesNotContain(ALLOWED);
        Ran none = audit("search", "--decision", "error").held();
        assertThat(none.out()).isEmpty();
        assertThat(none.err()).contains("no record matches");
    }

    @Test
    void filtersBecomeParametersAndTimesMoments() {
        audit(
                        "search",
                        "--from",
                        "-15m",
                        "--to",
                        "2126-03-02",
                        "--caller",
                        "front",
                        "--caller",
                        "spiffe://a/b",
                        "--status",
                        "5xx")
                .held();
        assertThat(stub.requests.getLast().query())
                .contains("caller=front&caller=spiffe://a/b", "status=5xx", "to=2126-03-02T00:00:00Z", "limit=50")
                .containsPattern("from=20\\d\\d-\\d\\d-\\d\\dT");
        audit("search", "--from", "yesterday").refused(2, "--from: yesterday (expected: -15m, -24h, 2026-03-02");
        audit("tail", "-n", "0").refused(2, "-n: 0 (expected: 1 to 1000)");
    }

    @Test
    void hostileValuesMoveNoCursor() {
        for (Ran ran : List.of(
                audit("search"),
                audit("search", "-o", "json"),
                audit("search", "-o", "jsonl"),
                audit("tail"),
                audit("tail", "--local", payment.folder),
                audit("show", DENIED),
                audit("show", DENIED, "-o", "json"),
                audit("export", "--format", "ocsf"))) {
            assertHarmless(ran.held().out());
            assertThat(ran.out()).contains(DENIED);
        }
    }

    @Test
    void linesOfJsonAreTheEntriesByteForByte() throws IOException {
        List<String> lines = audit("search", "-o", "jsonl").held().out().lines().toList();
        List<String> onDisk;
        try (Stream<Path> files = Files.list(payment.folder.resolve("audit"))) {
            onDisk = Files.readAllLines(files.filter(file -> file.toString().endsWith(".jsonl"))
                    .findFirst()
                    .orElseThrow());
        }
        assertThat(onDisk).contains(lines.get(1), lines.get(2));
    }

    @Test
    void moreThanOnePageIsSaid() {
        Ran ran = audit("search", "--limit", "2").held();
        assertThat(ran.err()).contains("--before ");
        String before = ran.err().strip().replaceFirst(".* ", "");
        assertThat(audit("search", "--before", before).held().out())
                .contains(DENIED)
                .doesNotContain(ALLOWED);
    }

    @Test
    void stoppedSearchAndLateIndexAreSaid() {
        stub.on("GET /v1/audit/records", 200, """
                {"records":[],"size":5000000,"indexed":10,"next":7,"stopped":"stopped after 2 s at index 7"}""");
        assertThat(audit("search").held().err())
                .contains("stopped after 2 s at index 7", "4999990 entries of the log are not in it yet");
    }

    @Test
    void tailShowsTheOldestFirst() {
        assertThat(audit("tail", "-n", "2").held().out().lines().skip(1).map(line -> line.replaceFirst(".* ", "")))
                .containsExactly(ALLOWED, CALLED);
        assertThat(audit("tail", "--local", folder.resolve("state"), "--caller", "catalog")
                        .held()
                        .out())
                .contains(DENIED)
                .doesNotContain(ALLOWED);
        audit("tail", "--local", folder.resolve("nowhere")).refused(1, "no such folder");
    }

    @Test
    void recordIsShownWithTheOtherSideOfItsCall() {
        Ran ran = audit("show", ALLOWED).held();
        assertThat(ran.out()).containsSubsequence("of the log", ALLOWED, "the other side of the call:", CALLED);
        JsonNode json = audit("show", CALLED, "-o", "json").held().json();
        assertThat(json.at("/otherSide/0/record/audit.record.id").asText()).isEqualTo(ALLOWED);
        Ran alone = audit("show", DENIED).held();
        assertThat(alone.out()).doesNotContain("the other side of the call:");
        assertThat(alone.err()).contains("the other side of this call is not on record");
        audit("show", "nothing").refused(1, "control plane: ");
    }

    @Test
    void proofIsAFileThatHolds() throws Exception {
        Path file = folder.resolve("one.tlog-proof");
        assertThat(audit("prove", ALLOWED, "--out", file).held().err()).contains("audit verify " + file);
        TlogProof proof = TlogProof.parse(Files.readAllBytes(file));
        assertThat(proof.verify(
                        proof.extra().orElseThrow(),
                        log.signers.stream().map(NoteSigner::verifier).toList()))
                .isNotNull();
        assertThat(new String(proof.extra().orElseThrow(), StandardCharsets.US_ASCII))
                .contains(ALLOWED);
        audit("prove", "nothing", "--out", file).refused(1, "control plane: ");
    }

    private LogReport verified(Path copy) throws IOException {
        return TiledLogVerifier.verifyTree(
                FolderTileStore.reading(copy),
                Trust.operator(log.signers.stream().map(NoteSigner::verifier).toList()));
    }

    @Test
    void exportedFolderVerifiesByItselfAndNoLongerOnceItIsTouched() throws IOException {
        Path copy = folder.resolve("copy");
        assertThat(audit("export", "--decision", "allow", "--out", copy).held().out())
                .contains("2 records");
        assertThat(Files.readAllLines(copy.resolve("records.jsonl")))
                .hasSize(2)
                .allMatch(line -> line.contains("allow"));
        assertThat(verified(copy.resolve("log")).bad()).isEmpty();
        Path entries;
        try (Stream<Path> files = Files.walk(copy.resolve("log/tile/entries"))) {
            entries = files.filter(Files::isRegularFile).findFirst().orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(entries);
        bytes[50] ^= 1;
        Files.write(entries, bytes);
        assertThat(verified(copy.resolve("log")).bad()).isPresent();
        audit("export", "--out", copy).refused(1, "is there already");
    }

    @Test
    void exportOfFewRecordsCarriesTheWholeLogThatTheyAreIn() throws IOException {
        for (int i = 0; i < 600; i++) {
            log.add("{\"Timestamp\":\"1772400000000000000\",\"EventName\":\"sallyport.audit.log\"}");
        }
        AuditRecord late = payment.request("01JZ8Q4T00000000000000000D", Direction.INBOUND, 41, "9b74");
        late.callerId = "spiffe://shop.example/sa/late";
        SidecarState other = new SidecarState(folder.resolve("state/late"), "payment");
        other.record(late);
        log.addAll(other).publish();
        Path copy = folder.resolve("copy");
        audit("export", "--caller", "spiffe://shop.example/sa/late", "--out", copy)
                .held();
        LogReport report = verified(copy.resolve("log"));
        assertThat(report.bad()).isEmpty();
        assertThat(report.pruned()).isZero();
    }

    @Test
    void statusAndFindingsAreTold() {
        stub.on("GET /v1/audit/status", 200, """
                {"origin":"audit.shop.example/shop","keys":["k"],"size":7,"pending":0,"pruned":0,
                 "checkpoint":{"size":7,"root":"abc="},"witnesses":{"configured":[],"quorum":0,"cosigned":[],"problems":[]},
                 "streams":[{"stream":"payment/i1/x","identity":"spiffe://a/b","records":5,"since":"","newest":"","ended":true}],"findings":1}""");
        assertThat(audit("status").held().out())
                .contains("7 leaves", "checkpoint of 7", "no witness", "1 open finding", "payment/i1/x");
        stub.on("GET /v1/audit/findings", 200, """
                {"findings":[{"id":1,"kind":"gap","subject":"payment/i1/x","what":"\\u001b[2J 3 records","since":"2026-03-02T10:00:00Z"}]}""");
        Ran findings = audit("findings", "--exit-code");
        assertThat(findings.exit()).isEqualTo(5);
        assertThat(findings.out()).contains("payment/i1/x", "?[2J 3 records", "open");
        stub.on("GET /v1/audit/findings", 200, "{\"findings\":[]}");
        assertThat(audit("findings", "--exit-code").held().out()).contains("no finding");
    }
}
