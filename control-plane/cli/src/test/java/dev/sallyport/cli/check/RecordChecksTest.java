package dev.sallyport.cli.check;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.cli.testing.FakeAdmin;
import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.StubControlPlane;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The record, its copies and the authority, as the control plane shows them. */
class RecordChecksTest {
    private final Instant now = Instant.now();

    @TempDir
    private Path folder;

    private StubControlPlane stub;
    private FakeAdmin monitoring;

    @BeforeEach
    void start() throws Exception {
        monitoring = FakeAdmin.start();
        stub = StubControlPlane.start(folder)
                .on(
                        "GET /v1/status",
                        200,
                        "{\"epoch\":1,\"revision\":7,\"digest\":\"d7\",\"documents\":{\"author\":\"api\"}}")
                .on("GET /v1/sidecars", 200, "{\"sidecars\":[" + sidecar("i1", 7) + "," + sidecar("i2", 7) + "]}");
        log(9, 9, 3600, 1, "");
        metrics("d7", 0, 3);
    }

    @AfterEach
    void stop() throws Exception {
        stub.close();
        monitoring.close();
    }

    @Test
    void healthyRecordPasses() {
        assertThat(check().held().out())
                .contains("""
                        audit record
                        ------------
                        √ takes records, has 9 entries
                        √ checkpoint of 9 entries, signed 1h 0m ago
                        √ 1 of 2 witnesses cosign, 1 must
                        √ no open finding
                        √ copy loki: 2 records and 3s behind
                        """)
                .contains(
                        "√ metrics at " + monitoring.address(),
                        "√ policies programmed on 2/2 sidecars (revision 7; slowest ack of the last minutes 0.8s)")
                .endsWith("\n\nStatus check results are √\n");
    }

    @Test
    void revisionThatIsNotEverywhereIsCounted() {
        stub.on("GET /v1/sidecars", 200, "{\"sidecars\":[" + sidecar("i1", 7) + "," + sidecar("i2", 6) + "]}");
        Ran ran = check("-o", "short");
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out())
                .contains("× policies programmed on 1/2 sidecars", "    docs: sallyport docs SP1205\n")
                .contains("sidecars\n--------\n× payment i2: at revision 6, not 7\n")
                .endsWith("\n\nStatus check results are ×\n")
                .doesNotContain("√ ", "audit record");
    }

    @Test
    void recordThatTakesNothingOrStaysBehindFails() {
        log(9, 9, 0, 1, ",\"problem\":\"no room\"");
        found("× takes nothing: no room", "SP1401");
        log(12, 9, 301, 1, "");
        found("× checkpoint of 9 entries, signed 5m 1s ago: 3 entries more are under none", "SP1402");
        log(12, 9, 20, 1, "");
        assertThat(check().held().out()).contains("the next is on its way");
        log(9, 9, 20, 0, "");
        found("× 0 of 2 witnesses cosign, 1 must", "SP1403");
    }

    @Test
    void openFindingsWarnAndNoWitnessIsAChoice() {
        stub.on("GET /v1/audit/status", 200, "{\"size\":0,\"findings\":2,\"witnesses\":{\"configured\":[]}}");
        Ran ran = check("-o", "short").held();
        assertThat(ran.out())
                .contains("‼ 2 open findings", "SP1404")
                .doesNotContain("witness")
                .endsWith("Status check results are √\n");
        assertThat(check().out()).contains("√ no witness is configured");
        assertThat(check("--exit-code").exit()).isEqualTo(5);
    }

    @Test
    void copyThatFailsOrIsBehindIsNamed() {
        metrics("d7", 1, 400);
        found("× copy loki: fails, 2 records and 6m 40s behind", "SP1405");
        metrics("d7", 0, 400);
        assertThat(check().held().out()).contains("‼ copy loki: 2 records and 6m 40s behind", "SP1406");
    }

    @Test
    void metricsOfAnotherControlPlaneAreNotBelieved() throws Exception {
        metrics("d8", 1, 400);
        Ran ran = check();
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out())
                .contains("× no metrics of this control plane at", "SP1105")
                .doesNotContain("copy loki");
        monitoring.close();
        found("× no metrics of this control plane at", "SP1105");
    }

    @Test
    void intermediateIsJudgedByItsLife() {
        authorities(100, 300);
        assertThat(check().held().out()).contains("√ intermediate certificate: good for 99d");
        authorities(20, 300);
        assertThat(check().held().out())
                .contains(
                        "‼ intermediate certificate: expires in 19d",
                        "fix: sallyport ca rotate --intermediate",
                        "docs: sallyport docs SP1305");
        authorities(20, 30);
        assertThat(check().held().out()).contains("√ intermediate certificate: good for 19d");
        authorities(-1, 30);
        found("× intermediate certificate: expired", "SP1305");
        stub.on("GET /v1/ca", 200, "{\"active\":1,\"generations\":[{\"number\":1,\"problem\":\"Vault is sealed\"}]}");
        found("× authority of generation 1: Vault is sealed", "SP1306");
    }

    @Test
    void waitsUntilNothingFailsAndNoLonger() {
        log(9, 9, 20, 0, "");
        long begin = System.nanoTime();
        Ran ran = check("--wait", "300ms");
        assertThat(ran.exit()).isEqualTo(7);
        assertThat(ran.out()).endsWith("Status check results are ×\n");
        assertThat(System.nanoTime() - begin).isGreaterThan(300_000_000L);

        stub.on("GET /v1/audit/status", request -> {
            log(9, 9, 20, 1, ""); // mends itself for the next look
            return new StubControlPlane.Answer(200, "{\"problem\":\"starting\"}");
        });
        assertThat(check("--wait", "30s").held().out()).endsWith("Status check results are √\n");
    }

    @Test
    void hostileTextOfASidecarMovesNoCursor() {
        stub.on(
                "GET /v1/sidecars",
                200,
                "{\"sidecars\":[{\"service\":\"a\\u001b[2J\\n\",\"instance\":\"\\u202e\",\"connected\":true,\"acked\":{\"refused\":\"\\u0007\"}}]}");
        assertThat(check().out()).doesNotContainPattern("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\u202e]");
    }

    private void found(String line, String code) {
        Ran ran = check();
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).contains(line, "    docs: sallyport docs " + code + "\n");
    }

    private void log(long size, long published, long age, int cosigned, String more) {
        stub.on(
                "GET /v1/audit/status",
                200,
                "{\"size\":" + size + ",\"checkpoint\":{\"size\":" + published + ",\"at\":\""
                        + Instant.now().minusSeconds(age)
                        + "\"},\"findings\":0,\"witnesses\":{\"configured\":[\"w1\",\"w2\"],\"quorum\":1,\"cosigned\":["
                        + (cosigned == 0 ? "" : "\"w1\"") + "]}" + more + "}");
    }

    private void metrics(String digest, int failing, long lag) {
        monitoring.on(
                "GET /metrics",
                200,
                "sallyport_config_revision_info{digest=\"" + digest + "\",revision=\"7\"} 1\n"
                        + "sallyport_snapshot_ack_seconds_max 0.81\n"
                        + "sallyport_audit_copy_failing{copy=\"loki\"} " + failing + "\n"
                        + "sallyport_audit_copy_lag_records{copy=\"loki\"} 2\n"
                        + "sallyport_audit_copy_lag_seconds{copy=\"loki\"} " + lag + "\n"
                        + "sallyport_audit_copy_gaps_total{copy=\"loki\"} 0\n");
    }

    private void authorities(long endDays, long lifeDays) {
        Instant end = now.plusSeconds(endDays * 86_400);
        stub.on(
                "GET /v1/ca",
                200,
                "{\"active\":1,\"generations\":[{\"number\":1,\"issuer\":{\"notBefore\":\""
                        + end.minusSeconds(lifeDays * 86_400) + "\",\"notAfter\":\"" + end + "\"}}]}");
    }

    private String sidecar(String instance, long revision) {
        return "{\"service\":\"payment\",\"instance\":\"" + instance
                + "\",\"connected\":true,\"acked\":{\"epoch\":1,\"revision\":" + revision + "},\"lastSeen\":\"" + now
                + "\"}";
    }

    private Ran check(String... more) {
        List<Object> line =
                new ArrayList<>(List.of("check", "--context", stub.context, "--metrics", monitoring.address()));
        line.addAll(List.of(more));
        return sallyport(line.toArray());
    }
}
