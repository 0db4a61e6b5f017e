package dev.sallyport.cli.mesh;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.cli.testing.StubControlPlane;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code certs} show, timeline, revoke, reinstate. */
class CertsTest {
    private static final String BACK = "spiffe://shop.example/sa/back";
    private static final String SERIAL = "aa01bb02cc03dd04ee05";
    private static final String EVENTS =
            "\"events\":[{\"id\":1,\"at\":\"2027-03-01T12:00:00Z\",\"kind\":\"issued\",\"serial\":\""
                    + SERIAL + "\",\"identity\":\"" + BACK
                    + "\",\"instance\":\"i1\",\"method\":\"join-token\",\"actor\":\"\",\"detail\":\"until later\",\"count\":1},"
                    + "{\"id\":2,\"at\":\"2027-03-01T12:01:00Z\",\"kind\":\"refused\",\"serial\":\"\",\"identity\":\"\",\"instance\":\"\","
                    + "\"method\":\"join-token\",\"actor\":\"\",\"detail\":\"unproven: 7 more\\u001b[2J\",\"count\":7}]";

    @TempDir
    private Path folder;

    private StubControlPlane stub;

    @BeforeEach
    void start() throws Exception {
        stub = StubControlPlane.start(folder);
    }

    @AfterEach
    void stop() {
        stub.close();
    }

    private static String line(String state) {
        Instant now = Instant.now();
        return "{\"serial\":\"" + SERIAL + "\",\"identity\":\"" + BACK + "\",\"notBefore\":\"" + now.minusSeconds(120)
                + "\",\"notAfter\":\"" + now.plusSeconds(3600) + "\",\"renewAt\":\"" + now.plusSeconds(2000)
                + "\",\"issuedAt\":\"" + now.minusSeconds(60)
                + "\",\"method\":\"renewal\",\"instance\":\"i1\",\"current\":true,\"state\":\"" + state + "\"}";
    }

    private void timeline(String chain) {
        stub.on(
                "GET /v1/certificate-events",
                200,
                "{\"since\":\"" + Instant.now().minusSeconds(86_400) + "\",\"now\":\"" + Instant.now() + "\",\"chain\":"
                        + chain + ",\"certificates\":[" + line("current") + "]," + EVENTS + "}");
    }

    @Test
    void timelineIsAPictureAListAndAWordOnTheRecord() {
        timeline("{\"events\":2,\"first\":1,\"head\":\"0123456789abcdef0123\"}");
        assertThat(sallyport("certs", "timeline", "--service", "back", "--since", "24h", "--context", stub.context)
                        .held()
                        .out())
                .containsPattern("/sa/back aa01bb02 +┣━")
                .containsPattern(
                        "2027-03-01T12:00:00Z +issued +" + BACK + " +aa01bb02cc03dd04 +join-token +until later")
                .contains("refused ×7", "7 more?[2J")
                .contains("record: 2 events from number 1, each chained to the one before; newest 0123456789abcdef");
        assertThat(stub.requests.getLast().query()).contains("service=back").contains("since=");
    }

    @Test
    void brokenRecordIsAnExitCodeOfItsOwn() {
        timeline("{\"events\":2,\"first\":1,\"head\":\"\",\"broken\":\"event 2 of 2027 was altered\"}");
        sallyport("certs", "timeline", "--context", stub.context).refused(6, "event 2 of 2027 was altered");
        assertThat(sallyport("certs", "timeline", "-o", "json", "--context", stub.context)
                        .refused(6, "was altered")
                        .json()
                        .at("/chain/broken")
                        .asText())
                .isNotEmpty();
    }

    @Test
    void oneCertificateIsShownWithWhatItRestsOn() {
        stub.on(
                "GET /v1/certificates/aa01bb02",
                200,
                "{\"certificate\":" + line("revoked")
                        + ",\"issuer\":\"CN=i\",\"keySha256\":\"77\",\"proves\":\"held the key\",\"attestedBy\":\"kubernetes\",\"attestedAt\":\""
                        + Instant.now().minusSeconds(7200)
                        + "\",\"attestedProves\":\"the cluster signed\",\"lineage\":[" + line("revoked")
                        + "],\"revocation\":{\"at\":\"" + Instant.now().minusSeconds(30)
                        + "\",\"by\":\"ann\",\"reason\":\"lost\",\"tell\":\"wanted\"},\"pem\":\"-----BEGIN\\n\","
                        + EVENTS + "}");
        assertThat(sallyport("certs", "show", "aa01bb02", "--context", stub.context)
                        .held()
                        .out())
                .containsPattern("serial +" + SERIAL)
                .containsPattern("state +revoked")
                .containsPattern("proven by +renewal: held the key")
                .containsPattern("lineage +begun 2h 0m ago by kubernetes: the cluster signed")
                .containsPattern("revoked +\\d+s ago by ann: lost")
                .containsPattern("its authority +is to be told")
                .containsPattern("→ +aa01bb02cc03dd04");
        assertThat(sallyport("certs", "show", "aa01bb02", "--pem", "--context", stub.context)
                        .held()
                        .out())
                .isEqualTo("-----BEGIN\n");
    }

    @Test
    void listAsksForWhatIsWanted() {
        stub.on("GET /v1/certificates", 200, "{\"certificates\":[" + line("replaced") + "]}");
        assertThat(sallyport("certs", "list", "--service", "back", "--all", "--context", stub.context)
                        .held()
                        .out())
                .contains("replaced");
        assertThat(stub.requests.getLast().query()).isEqualTo("service=back&all=true");
        sallyport("certs", "list", "--all", "--local", folder).refused(2, "expected --local alone");
    }

    @Test
    void revocationNeedsAReasonAndAYesWhereNobodyCanBeAsked() {
        stub.on("POST /v1/revocations", 200, "{\"identity\":\"" + BACK + "\",\"serials\":[\"" + SERIAL + "\"]}");
        sallyport("certs", "revoke", "--identity", BACK, "--yes").refused(2, "--reason");
        sallyport("certs", "revoke", "--identity", BACK, "--reason", "x", "--context", stub.context)
                .refused(2, "expected --yes");
        sallyport("certs", "revoke", "--reason", "x", "--yes").refused(2, "--identity");
        sallyport("certs", "revoke", "--identity", BACK, "--service", "back", "--reason", "x", "--yes")
                .refused(2, "--service");
        assertThat(stub.requests).isEmpty();

        assertThat(sallyport(
                                "certs",
                                "revoke",
                                "--service",
                                "back",
                                "--reason",
                                "key lost",
                                "--yes",
                                "--context",
                                stub.context)
                        .held()
                        .out())
                .contains("revoked " + BACK + " with 1 certificate", "certs reinstate --identity " + BACK);
        assertThat(stub.requests.getLast().body()).isEqualTo("{\"service\":\"back\",\"reason\":\"key lost\"}");
        assertThat(sallyport(
                                "certs",
                                "revoke",
                                "--serial",
                                SERIAL,
                                "--reason",
                                "key lost",
                                "--yes",
                                "--context",
                                stub.context)
                        .held()
                        .out())
                .contains("revoked certificate " + SERIAL + " of " + BACK);
    }

    @Test
    void refusalOfTheControlPlaneIsItsOwnSentence() {
        stub.on(
                "POST /v1/revocations",
                403,
                "{\"title\":\"Forbidden\",\"status\":403,\"detail\":\"the product's own\"}");
        sallyport("certs", "revoke", "--identity", BACK, "--reason", "x", "--yes", "--context", stub.context)
                .refused(1, "the product's own");
    }

    @Test
    void reinstatementSaysWhatComesNext() {
        stub.on("POST /v1/revocations/reinstate", 200, "{\"identity\":\"" + BACK + "\"}");
        assertThat(sallyport("certs", "reinstate", "--identity", BACK, "--context", stub.context)
                        .held()
                        .out())
                .contains("reinstated " + BACK, "sallyport token create");
        assertThat(stub.requests.getLast().body()).isEqualTo("{\"identity\":\"" + BACK + "\"}");
    }
}
