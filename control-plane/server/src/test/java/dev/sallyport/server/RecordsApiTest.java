package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.tlog.InvalidNoteException;
import dev.sallyport.audit.tlog.NoteVerifier;
import dev.sallyport.audit.tlog.TlogProof;
import dev.sallyport.policy.DocumentSet;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people find in the collected log of a real control plane. */
class RecordsApiTest {
    private static final String HOSTILE = "X'; drop table record; --{\"fake\":1}\u2028\u009b%_";
    private static final String CONTROLS = "\n\u001b[2J";

    @TempDir
    static Path folder;

    private static final SentRecords sent = new SentRecords();
    private static TestMesh mesh;
    private static AuditRecord allowed;
    private static AuditRecord denied;
    private static AuditRecord hostile;

    @BeforeAll
    static void start() throws Exception {
        mesh = TestMesh.withFolder(folder.resolve("mesh"));
        allowed = sent.add(_ -> {});
        denied = sent.add(record -> {
            record.verdict = AuditRecord.Verdict.DENY;
            record.reason = "caller_not_allowed";
            record.rule = null;
            record.status = 403;
            record.callerId = "spiffe://small.example/sa/spare";
        });
        hostile = sent.add(record -> {
            record.method = HOSTILE;
            record.path = CONTROLS;
        });
        sent.send(mesh, folder.resolve("log"));
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    private static List<String> ids(String query) throws Exception {
        return mesh.get("/v1/audit/records" + query)
                .path("records")
                .valueStream()
                .map(record -> record.path("id").asText())
                .toList();
    }

    @Test
    void searchFindsTheNewestFirst() throws Exception {
        assertThat(ids("")).containsExactly(hostile.id, denied.id, allowed.id);
        assertThat(ids("?order=oldest&limit=2")).containsExactly(allowed.id, denied.id);
        assertThat(ids("?decision=deny")).containsExactly(denied.id);
        assertThat(ids("?decision=deny&decision=allow&status=4xx")).containsExactly(denied.id);
        assertThat(ids("?status=403&caller=spare")).containsExactly(denied.id);
        assertThat(ids("?caller=spiffe://small.example/sa/spare")).containsExactly(denied.id);
        assertThat(ids("?decision=allow&caller=spare")).isEmpty();
        assertThat(ids("?from=2026-03-02T12:00:01Z&to=2026-03-02T12:00:02Z")).containsExactly(denied.id);
        assertThat(ids("?to=2026-03-02T12:00:00Z")).isEmpty();
    }

    @Test
    void pagesAreReadByTheirCursor() throws Exception {
        JsonNode first = mesh.get("/v1/audit/records?limit=2");
        assertThat(ids("?limit=2&before=" + first.path("next").asLong())).containsExactly(allowed.id);
        assertThat(mesh.get("/v1/audit/records?limit=3").has("next")).isFalse();
    }

    @Test
    void recordIsShownByteForByteWithItsPlace() throws Exception {
        JsonNode record =
                mesh.get("/v1/audit/records/" + denied.id).path("records").get(0);
        assertThat(new String(Base64.getDecoder().decode(record.path("entry").asText()), StandardCharsets.US_ASCII))
                .isEqualTo(sent.line(denied));
        assertThat(record.path("stream").asText()).isEqualTo(sent.stream);
        assertThat(record.path("number").asLong()).isEqualTo(3);
        assertThat(record.path("caller").asText()).isEqualTo("spiffe://small.example/sa/spare");
    }

    @Test
    void hostileValueIsOneRecordAndFoundAsItIs() throws Exception {
        assertThat(ids("?method=" + URLEncoder.encode(HOSTILE, StandardCharsets.UTF_8)))
                .containsExactly(hostile.id);
        assertThat(ids("?method=X")).isEmpty();
        assertThat(mesh.get("/v1/audit/records/" + hostile.id).path("records")).hasSize(1);
        // What no parameter of HTTP can hold is found by everything else.
        assertThat(mesh.api(
                                "GET",
                                "/v1/audit/records?method=" + URLEncoder.encode(CONTROLS, StandardCharsets.UTF_8),
                                "")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void proofHoldsForThisEntryAndForNoOther() throws Exception {
        Awaitility.await()
                .atMost(Duration.ofSeconds(20))
                .until(() -> proof(denied.id).statusCode() == 200);
        TlogProof proof = TlogProof.parse(proof(denied.id).body().getBytes(StandardCharsets.UTF_8));
        List<NoteVerifier> keys = List.of(NoteVerifier.parse(
                mesh.get("/v1/audit/status").path("keys").get(0).asText()));
        assertThat(proof.verify(sent.line(denied).getBytes(StandardCharsets.US_ASCII), keys)
                        .signers())
                .isNotEmpty();
        byte[] other = sent.line(allowed).getBytes(StandardCharsets.US_ASCII);
        assertThatThrownBy(() -> proof.verify(other, keys)).isInstanceOf(InvalidNoteException.class);
    }

    private static HttpResponse<String> proof(String id) throws Exception {
        return mesh.api("GET", "/v1/audit/records/" + id + "/proof", "");
    }

    @Test
    void policyOfADecisionIsKeptByItsDigest() throws Exception {
        DocumentSet back = mesh.controlPlane
                .foundation()
                .documents()
                .current()
                .orElseThrow()
                .set()
                .concerning("back");
        HttpResponse<String> kept = mesh.api("GET", "/v1/audit/policy/" + back.digest(), "");
        assertThat(DocumentSet.ofJson(kept.body()).digest()).isEqualTo(back.digest());
        assertThat(mesh.api("GET", "/v1/audit/policy/" + "0".repeat(64), "").statusCode())
                .isEqualTo(404);
        assertThat(mesh.api("GET", "/v1/audit/policy/..%2f..%2fadmin", "").statusCode())
                .isIn(400, 404);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            limit=0                   | limit: 0 (expected: 1 to 1000)
            limit=1001                | limit: 1001 (expected: 1 to 1000)
            limit=x                   | limit: x (expected: 1 to 1000)
            limit=1&limit=2           | limit: 2 values (expected: one)
            before=-1                 | before: -1 (expected: an index of the log)
            from=yesterday            | from: yesterday (expected: an instant in UTC
            from=2026-03-02T12:00:00Z&to=2026-03-02T12:00:00Z | from: 2026-03-02T12:00:00Z (expected: a time before to
            decision=maybe            | decision: maybe (expected: allow, deny, error)
            direction=up              | direction: up (expected: inbound, outbound, connection)
            status=999                | status: 999 (expected: an HTTP status as 503, or a class as 5xx)
            order=random              | order: random (expected: newest, oldest)
            entries=yes               | entries: yes (expected: false, true)
            user=                     | user:  (expected: 1 to 256 characters)
            callr=front               | callr: unknown parameter (expected: some of after, before, callee
            """)
    void wrongParametersGetOneClearAnswer(String query, String says) throws Exception {
        HttpResponse<String> answer = mesh.api("GET", "/v1/audit/records?" + query, "");
        assertThat(answer.statusCode()).isEqualTo(400);
        assertThat(TestMesh.JSON.readTree(answer.body()).path("detail").asText())
                .contains(says);
    }

    @Test
    void whatIsNotThereIsNotFound() throws Exception {
        assertThat(mesh.api("GET", "/v1/audit/records/01ARZ3NDEKTSV4RRFFQ69G5FAV", "")
                        .statusCode())
                .isEqualTo(404);
        assertThat(proof("01ARZ3NDEKTSV4RRFFQ69G5FAV").statusCode()).isEqualTo(404);
        assertThat(mesh.api("GET", "/v1/audit/records/" + denied.id + "/proof?index=0", "")
                        .statusCode())
                .isEqualTo(404);
        assertThat(mesh.api("GET", "/v1/audit/records?caller=bakc", "").statusCode())
                .isEqualTo(404);
    }
}
