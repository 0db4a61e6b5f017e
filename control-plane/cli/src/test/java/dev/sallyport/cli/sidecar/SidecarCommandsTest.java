package dev.sallyport.cli.sidecar;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.cli.testing.FakeAdmin;
import dev.sallyport.cli.testing.Ran;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SidecarCommandsTest {
    private final Instant now = Instant.now();

    @TempDir
    private Path folder;

    private FakeAdmin orders;

    @BeforeEach
    void start() throws Exception {
        orders = FakeAdmin.start();
        orders.describe(folder.resolve("orders"));
    }

    @AfterEach
    void stop() throws Exception {
        orders.close();
    }

    @Test
    void configIsShownInSections() {
        orders.on(
                "GET /config_dump",
                200,
                "{\"configuration\":{\"service\":\"orders\",\"upstreams\":{\"payment\":\"127.0.0.1:1\"}},\"snapshot\":{\"mesh\":\"shop\",\"epoch\":1,\"revision\":7,\"inForce\":true,\"digest\":\"d1\",\"validUntil\":\""
                        + now.plusSeconds(3605)
                        + "\",\"issuerKeys\":{\"shop\":2},\"endpoints\":{\"payment\":[\"127.0.0.1:2\"]},\"documents\":{\"guardrails\":[{\"kind\":\"Guardrail\",\"metadata\":{\"name\":\"card-data\"}}],\"mesh\":{\"kind\":\"Mesh\",\"metadata\":{\"name\":\"shop\"}}}}}");
        assertThat(run("config").held().out())
                .contains("configuration\n  service: orders\n  upstreams:\n    payment: 127.0.0.1:1\n")
                .contains("snapshot\n  mesh: shop\n  revision: 7 of epoch 1\n  in force: yes\n", "  ends: in 1h 0m")
                .contains(
                        "issuer keys\n  shop: 2",
                        "endpoints\n  payment:\n    - 127.0.0.1:2",
                        "documents\n  Guardrail card-data\n  Mesh shop\n");
        assertThat(run("config", "-o", "json")
                        .held()
                        .json()
                        .at("/snapshot/revision")
                        .asInt())
                .isEqualTo(7);

        orders.on("GET /config_dump", 200, "{\"configuration\":{}}");
        assertThat(run("config").held().out()).contains("snapshot\n  none: every request is denied");
    }

    @Test
    void statsAreATable() {
        orders.on(
                "GET /stats",
                200,
                "{\"inbound\":{\"active\":0,\"requests\":{\"allowed\":12}},\"audit\":{\"problem\":\"\"}}");
        assertThat(run("stats").held().out())
                .startsWith("NAME ")
                .containsPattern("inbound.requests.allowed +12\n")
                .containsPattern("audit.problem +-\n");
    }

    @Test
    void certificatesSayTheirExpiryInWords() {
        orders.on("GET /certs", 200, certificates(now.plusSeconds(2470), false));
        assertThat(run("certs").held().out())
                .contains("spiffe://shop.example/sa/orders\n", "  expires in 41m ", "  renews in 17m")
                .containsPattern("chain +shop.example +expires in 41m")
                .containsPattern("root +shop.example +expires in 9d 23h")
                .doesNotContain("revoked", "expired");

        orders.on("GET /certs", 200, certificates(now.minusSeconds(61), true));
        assertThat(run("certs").held().out()).contains("  expired 1m ", " ago, revoked");
    }

    private String certificates(Instant end, boolean revoked) {
        return "{\"id\":\"spiffe://shop.example/sa/orders\",\"serial\":\"0a\",\"notAfter\":\"" + end
                + "\",\"renewAt\":\""
                + now.plusSeconds(1030) + "\",\"revoked\":" + revoked + ",\"chain\":[{\"serial\":\"0a\",\"notAfter\":\""
                + end
                + "\"}],\"bundles\":[{\"trustDomain\":\"shop.example\",\"authorities\":[{\"serial\":\"01\",\"notAfter\":\""
                + now.plusSeconds(863_990) + "\"}]}]}";
    }

    @Test
    void logLevelIsShownAndSetForATime() {
        orders.on("GET /logging", 200, "{\"level\":\"info\"}")
                .guarded("POST /logging", 200, "{\"level\":\"debug\",\"until\":\"" + now.plusSeconds(605) + "\"}");
        assertThat(run("log-level").held().out()).isEqualTo("info\n");
        assertThat(run("log-level", "debug", "--for", "10m").held().out()).startsWith("debug, info again in 10m");
        run("log-level", "orders", "warn").held();
        run("log-level", "debug", "--for", "90s").held();
        assertThat(orders.requests)
                .containsExactly(
                        "GET /logging?format=json",
                        "POST /logging?level=debug&for=10m",
                        "POST /logging?level=warn",
                        "POST /logging?level=debug&for=90s");
    }

    @Test
    void drainNeedsAYesWhereNobodyCanBeAsked() {
        orders.guarded("POST /drain", 202, "draining\n");
        run("drain").refused(2, "expected --yes");
        assertThat(orders.requests).isEmpty();
        assertThat(run("drain", "--yes").held().out()).isEqualTo("orders at " + orders.address() + " is draining\n");
        assertThat(orders.requests).containsExactly("POST /drain");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "log-level debug info         | one word too many",
                "log-level verbose orders     | verbose orders: no level (expected: one of debug, info, warn, error",
                "log-level --for 10m          | --for: without a level",
                "log-level debug --for 61m    | --for: 3660s (expected: 1s to 1h)",
                "log-level debug --for 500ms  | --for: 0s (expected: 1s to 1h)",
                "config payment               | SERVICE payment: no state folder below",
                "config --admin 127.0.0.1:1   | --state: with --admin",
            })
    void wrongUsageIsSaid(String line, String says) {
        run(line.split(" +")).refused(2, says);
        assertThat(orders.requests).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "10.0.0.1:15000",
                "0.0.0.0:15000",
                "sidecar.example:15000",
                "[2001:db8::1]:15000",
                "localhost.evil.example:15000"
            })
    void tokenLeavesThisMachineNever(String address) throws Exception {
        sallyport("proxy", "certs", "--admin", address).refused(2, "is not this machine's loopback");
        FakeAdmin.secret(folder.resolve("orders/admin-address"), address);
        run("drain", "--yes").refused(2, "is not this machine's loopback");
    }

    @Test
    void oneOfSeveralIsChosenByName() throws Exception {
        try (FakeAdmin payment = FakeAdmin.start()) {
            payment.describe(folder.resolve("payment"));
            payment.on("GET /stats", 200, "{\"is\":\"payment\"}");
            run("stats").refused(2, "SERVICE: there are several sidecars (expected: one of orders, payment");
            assertThat(run("stats", "payment").held().out()).containsPattern("is +payment");
            assertThat(sallyport("proxy", "stats", "--admin", payment.address())
                            .held()
                            .out())
                    .contains("payment");
        }
    }

    @Test
    void tokenMustBeThereReadableOnlyByItsOwnerAndRight() throws Exception {
        orders.guarded("POST /drain", 202, "draining\n");
        Path token = folder.resolve("orders/admin-token");
        sallyport("proxy", "drain", "--yes", "--admin", orders.address())
                .refused(1, "no token to show it", "--token-file");
        sallyport("proxy", "drain", "--yes", "--admin", orders.address(), "--token-file", token)
                .held();

        FakeAdmin.secret(token, "another-secret");
        Ran wrong = run("drain", "--yes").refused(1, "wrong token", "--token-file");
        assertThat(wrong.err()).doesNotContain("another-secret");
        FakeAdmin.secret(token, "two words");
        assertThat(run("drain", "--yes").refused(3, "no token").err()).doesNotContain("two words");
        Files.setPosixFilePermissions(token, PosixFilePermissions.fromString("rw-r--r--"));
        run("drain", "--yes").refused(1, "others can read it", "chmod 600 " + token);
        Files.delete(token);
        run("drain", "--yes").refused(1, token + ": not found");
    }

    @Test
    void whatIsNotASidecarIsSaid() throws Exception {
        run("stats").refused(1, "does not have /stats (expected: a sidecar of this version");
        orders.on("GET /stats", 403, "Host is not this machine's loopback \u001b[2J\n");
        assertThat(run("stats")
                        .refused(1, "refused: Host is not this machine's loopback ?[2J")
                        .err())
                .doesNotContain("\u001b");
        orders.on("GET /logging", 405, "POST only\n");
        run("log-level").refused(1, "does not have /logging");
        orders.on("GET /stats", 503, "starting\n");
        run("stats").refused(1, "not ready: starting");
        orders.on("GET /stats", out -> out.write(FakeAdmin.head(200, 500, "{\"half\":")));
        run("stats").refused(1, "the answer broke off");
        orders.on("GET /stats", 200, "<html>");
        run("stats").refused(1, "is no JSON object");
        orders.on("GET /stats", out -> out.write("SSH-2.0-x\r\n".getBytes(StandardCharsets.US_ASCII)));
        run("stats").refused(1, "is no HTTP");

        orders.close();
        run("stats").refused(1, "orders at " + orders.address() + ": connection refused (expected: a running sidecar");
        Files.delete(folder.resolve("orders/admin-address"));
        run("stats").refused(1, "admin-address: not found", "give --admin");
    }

    @Test
    void hostileValuesReachNoTerminal() {
        orders.on("GET /stats", 200, "{\"a\\u001b[2J\":\"\\u001b]0;x\\u0007\\u202e\"}")
                .on("GET /config_dump", 200, "{\"configuration\":{\"x\\u001b\":[\"\\n\\u009b\"]}}")
                .on("GET /certs", 200, "{\"id\":\"\\u001b[31m\",\"notAfter\":\"\\u001b\"}");
        for (String command : new String[] {"config", "certs", "stats"}) {
            assertThat(run(command).held().out()).doesNotContainPattern("[\\x00-\\x09\\x0b-\\x1f\\x7f-\\x9f\u202e]");
        }
    }

    private Ran run(String... words) {
        Object[] line = new Object[words.length + 3];
        line[0] = "proxy";
        System.arraycopy(words, 0, line, 1, words.length);
        line[words.length + 1] = "--state";
        line[words.length + 2] = folder;
        return sallyport(line);
    }
}
