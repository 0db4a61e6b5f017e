package dev.sallyport.cli.check;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Direction;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.ShopDocuments;
import dev.sallyport.cli.testing.SidecarState;
import dev.sallyport.cli.testing.StubControlPlane;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckTest {
    private final Instant now = Instant.now();

    @TempDir
    private Path folder;

    private StubControlPlane stub;

    @BeforeEach
    void start() throws Exception {
        stub = StubControlPlane.start(folder)
                .on(
                        "GET /v1/status",
                        200,
                        status("", "{\"name\":\"shop\",\"issuer\":\"https://auth\",\"state\":\"fresh\",\"keys\":1}"))
                .on("GET /v1/sidecars", 200, sidecar(7, true, now.plusSeconds(86_400), now.plusSeconds(40_000)));
    }

    @AfterEach
    void stop() {
        stub.close();
    }

    @Test
    void healthyMeshPasses() {
        Ran ran = check().held();
        assertThat(ran.out())
                .contains(
                        "√ " + stub.context + ", mode 0600, of mesh shop",
                        "answers, at revision 7",
                        "√ documents are valid")
                .contains("√ issuer shop: 1 key, fresh", "√ payment i1: connected, revision 7 applied")
                .containsPattern("√ payment: expires in 23h 5\\dm, renews in 11h")
                .contains("√ root certificate of shop.example: good for 36")
                .doesNotContain("×", "‼", "fix:");
        assertThat(check("-o", "json").held().json().path("ok").asBoolean()).isTrue();
    }

    @Test
    void everythingThatIsWrongComesWithItsFix() {
        stub.on(
                        "GET /v1/status",
                        200,
                        status(
                                "mesh.yaml:1:1: SP0001 no YAML",
                                "{\"name\":\"shop\",\"issuer\":\"https://auth\",\"state\":\"never\",\"keys\":0,\"error\":\"refused\"}"))
                .on("GET /v1/sidecars", 200, sidecar(6, true, now.minusSeconds(60), now.minusSeconds(3600)));

        Ran ran = check();

        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out())
                .contains("× the last documents were refused", "fix: sallyport policy lint /srv/docs")
                .contains("× issuer shop: no keys yet, every token of it is refused: refused")
                .contains(
                        "× payment i1: at revision 6, not 7",
                        "fix: sallyport status --wait 7 --context " + stub.context + "\n")
                .contains("× payment: expired 1m", "fix: sallyport token create --service payment");
        for (JsonNode one : check("-o", "json").json().path("checks")) {
            assertThat(one.has("fix"))
                    .as(one.toString())
                    .isEqualTo(!one.path("result").asText().equals("ok"));
        }
    }

    @Test
    void keysThatAreNotRefreshedWarnUntilTheyHaveEnded() {
        String keys = "{\"name\":\"shop\",\"issuer\":\"https://auth\",\"error\":\"status 500\",\"goodUntil\":\"";
        stub.on("GET /v1/status", 200, status("", keys + now.plusSeconds(7250) + "\",\"state\":\"stale\",\"keys\":2}"));
        assertThat(check().held().out())
                .containsPattern(
                        "‼ issuer shop: the last good 2 keys still count and end in 2h 0m, no newer ones could be fetched: status 500")
                .contains("fix: curl https://auth/.well-known/openid-configuration");

        stub.on("GET /v1/status", 200, status("", keys + now.minusSeconds(7200) + "\",\"state\":\"gone\",\"keys\":0}"));
        Ran ran = check();
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out())
                .contains("× issuer shop: its keys ended 2h 0m ago, every token of it is refused: status 500");
    }

    @Test
    void onlyASkippedKeyThatIsCompromisedFails() {
        String issuer = "{\"name\":\"shop\",\"issuer\":\"https://auth\",\"state\":\"fresh\",\"keys\":1,\"skipped\":["
                + "{\"key\":\"e1\",\"reason\":\"use: enc\",\"compromised\":false}%s]}";
        stub.on("GET /v1/status", 200, status("", issuer.formatted("")));
        assertThat(check().held().out()).doesNotContain("e1");
        stub.on(
                "GET /v1/status",
                200,
                status("", issuer.formatted(",{\"key\":\"k1\",\"reason\":\"d: published\",\"compromised\":true}")));
        assertThat(check().out())
                .contains("× issuer shop: key k1 is left out, d: published", "fix: replace the key at");
    }

    @Test
    void lateRenewalAndAnAbsentSidecarAreFound() {
        stub.on("GET /v1/sidecars", 200, sidecar(7, true, now.plusSeconds(600), now.minusSeconds(3600)));
        assertThat(check().held().out())
                .contains("‼ payment: renewal is late", "fix: sallyport certs rotate payment --wait");
        assertThat(check("--exit-code").exit()).isEqualTo(5);

        stub.on("GET /v1/sidecars", 200, sidecar(7, false, now.plusSeconds(600), now.plusSeconds(300)));
        assertThat(check().out()).contains("× payment i1: not connected, last seen");
    }

    @Test
    void outageBudgetIsJudgedByTheMinimumAndByThePlan() {
        stub.on("GET /v1/status", 200, outage(7 * 3600 + 30, 6 * 3600, 3600));
        assertThat(check().held().out())
                .contains(
                        "outage budget\n-------------\n√ if the control plane died now, spiffe://shop.example/sa/payment i1 would fail"
                                + " first, in 7h 0m (end of its certificate), half of 5 workloads in 8h 0m");

        stub.on("GET /v1/status", 200, outage(5 * 3600 + 30, 6 * 3600, 3600));
        assertThat(check().held().out())
                .contains(
                        "‼ if the control plane died now",
                        "in 5h 0m",
                        "sooner than the 6h 0m that the settings promise")
                .contains("fix: sallyport certs rotate --all --wait");

        stub.on("GET /v1/status", 200, outage(1800, 6 * 3600, 3600));
        Ran ran = check();
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out()).contains("× if the control plane died now", "sooner than the minimum of 1h 0m");
    }

    private String outage(long firstInSeconds, long planned, long minimum) {
        String failure =
                "{\"at\":\"%s\",\"identity\":\"spiffe://shop.example/sa/payment\",\"instance\":\"i1\",\"lacks\":\"certificate\"}";
        String budget = "{\"authority\":\"embedded\",\"workloads\":5,\"plannedSeconds\":" + planned
                + ",\"minimumSeconds\":" + minimum + ",\"outages\":[{\"lost\":\"control-plane\",\"first\":"
                + failure.formatted(now.plusSeconds(firstInSeconds)) + ",\"half\":"
                + failure.formatted(now.plusSeconds(8 * 3600 + 30)) + "}]}";
        String rest = status("", "");
        return rest.substring(0, rest.length() - 1) + ",\"outageBudget\":" + budget + "}";
    }

    @Test
    void unreachableControlPlaneFailsWithoutHidingTheRest() throws Exception {
        SidecarState payment = state();
        stub.close();

        Ran ran = check("--state", folder.resolve("state").toString());

        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out())
                .contains("× control plane: 127.0.0.1:", "connection refused")
                .contains("state " + payment.folder)
                .contains(
                        "√ audit chain holds: 1 record",
                        "√ spiffe://shop.example/sa/payment: certificate expires in 1h 59m")
                .containsPattern("√ snapshot of revision 7 counts until .*, in 59m");
    }

    @Test
    void localFolderNeedsNoControlPlane() throws Exception {
        SidecarState payment = state();
        Path context = folder.resolve("none.json");
        assertThat(sallyport("check", "--context", context, "--state", payment.folder)
                        .held()
                        .out())
                .contains("‼ no context at", "√ audit chain holds");

        Files.setPosixFilePermissions(payment.folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        payment.live(8, ShopDocuments.load(ShopDocuments.PAYMENT), now.minusSeconds(60));
        Path log = payment.folder.resolve("audit/00000001.audit.jsonl");
        Files.writeString(log, Files.readString(log).replace("\"A\"", "\"B\""));
        Ran ran = sallyport("check", "--context", context, "--state", payment.folder);
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.out())
                .contains("× mode rwxr-xr-x", "fix: chmod 700 " + payment.folder)
                .contains("× snapshot of revision 8 ended 1m", "policy_unavailable")
                .contains("× audit chain: record", "fix: sallyport audit verify " + payment.folder.resolve("audit"));
    }

    private SidecarState state() throws Exception {
        SidecarState payment = new SidecarState(folder.resolve("state/payment"), "payment");
        payment.live(7, ShopDocuments.load(ShopDocuments.PAYMENT), Instant.now().plusSeconds(3600));
        payment.record(new AuditRecord("A", SidecarState.NOW, Direction.INBOUND));
        EmbeddedAuthority authority = EmbeddedAuthority.open(
                folder.resolve("ca"),
                StubControlPlane.SHOP,
                KeyEncryption.fromFile(folder.resolve("ca.key")),
                Clock.systemUTC());
        var issued = authority.issue(
                CertificateSigningRequest.der(CertificateSigningRequest.newKeyPair()),
                SpiffeId.parse("spiffe://shop.example/sa/payment"),
                Duration.ofHours(2));
        Files.writeString(payment.folder.resolve("identity/svid.pem"), Pem.encode(issued.chain()));
        return payment;
    }

    private Ran check(String... more) {
        List<Object> arguments = new ArrayList<>(List.of("check", "--context", stub.context));
        arguments.addAll(List.of(more));
        return sallyport(arguments.toArray());
    }

    private static String status(String lastError, String issuer) {
        return "{\"mesh\":\"shop\",\"epoch\":1,\"revision\":7,\"documents\":{\"author\":\"folder\",\"folder\":\"/srv/docs\""
                + (lastError.isEmpty() ? "" : ",\"lastError\":\"" + lastError + "\"") + "},\"issuers\":[" + issuer
                + "]}";
    }

    private String sidecar(long revision, boolean connected, Instant end, Instant renewAt) {
        return "{\"sidecars\":[{\"service\":\"payment\",\"instance\":\"i1\",\"connected\":" + connected
                + ",\"certificateNotAfter\":\"" + end + "\",\"renewAt\":\"" + renewAt + "\",\"lastSeen\":\"" + now
                + "\",\"acked\":{\"epoch\":1,\"revision\":" + revision + "}}]}";
    }
}
