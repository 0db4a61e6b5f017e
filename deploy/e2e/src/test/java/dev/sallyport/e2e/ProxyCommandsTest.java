package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code proxy config|stats|certs|log-level}, {@code tap} and {@code check --proxy} beside real sidecars: what an operator at their machine sees. */
class ProxyCommandsTest {
    private static final Duration DEADLINE = Duration.ofSeconds(15);
    private static final int FAILURE = 1;

    @TempDir
    static Path folder;

    private static Mesh mesh;
    private static Running front;
    private static Running back;

    @BeforeAll
    static void startMesh() throws Exception {
        mesh = Mesh.start(folder);
        front = mesh.startFront();
        back = mesh.startBack();
        mesh.createToken("front");
        mesh.createToken("back");
        front.ready();
        back.ready();
    }

    @AfterAll
    static void stopMesh() throws Exception {
        mesh.close();
    }

    @Test
    void tapShowsDecisionsWhileTheyHappen() throws Exception {
        try (Tap all = Tap.start("all", "--count", "2");
                Tap denied = Tap.start("denied", "--denied", "--count", "1")) {
            String path = front.ready().at("/upstreams/back").asText();
            assertThat(Http.send("GET", "http://" + path + "/things/7", "").status())
                    .isEqualTo(200);
            await().atMost(DEADLINE).until(() -> all.lines().size() == 1);
            assertThat(denied.lines()).isEmpty();
            Http.Answer refused = Http.send("POST", "http://" + path + "/others", "");
            assertThat(refused.status()).isEqualTo(403);

            List<JsonNode> both = all.end();
            assertThat(both)
                    .extracting(line -> line.path("method").asText() + " "
                            + line.path("response_code").asInt())
                    .containsExactly("GET 200", "POST 403");
            assertThat(both.getFirst().path("source_principal").asText()).isEqualTo("spiffe://small.example/sa/front");
            assertThat(denied.end())
                    .extracting(line -> line.path("decision_id").asText())
                    .containsExactly(refused.json().path("decisionId").asText());
        }
    }

    @Test
    void tokenOfAnotherIsRefusedWithWhatIsExpected() throws Exception {
        Path token = Files.createFile(
                folder.resolve("token"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(token, "somebody-elses");
        for (List<String> command : List.of(List.of("tap"), List.of("proxy", "log-level", "debug"))) {
            List<String> arguments = new ArrayList<>(command);
            arguments.addAll(List.of("--admin", back.text("admin"), "--token-file", token.toString()));
            Shell.Result refused = Shell.sallyport(arguments.toArray(String[]::new));
            assertThat(refused.exit()).isEqualTo(FAILURE);
            assertThat(refused.err())
                    .contains("wrong token (expected: the content of admin-token in the state folder")
                    .doesNotContain("somebody-elses");
        }
    }

    @Test
    void logLevelChangesForAWhile() {
        assertThat(proxy("log-level")).isEqualTo("info\n");
        assertThat(proxy("log-level", "debug", "--for", "1s")).startsWith("debug, info again ");
        await().atMost(DEADLINE).until(() -> proxy("log-level").equals("info\n"));
    }

    @Test
    void configurationCountersAndCertificatesArePrinted() {
        assertThat(proxy("config"))
                .contains("in force: yes", "RoutePolicy back")
                .doesNotContain("PRIVATE");
        assertThat(proxy("stats")).contains("inbound.active", "auditRecords");
        assertThat(proxy("certs"))
                .contains("spiffe://small.example/sa/back", "expires in ")
                .doesNotContain("PRIVATE");
    }

    @Test
    void checkPassesInHealthAndFailsWhenASidecarIsGone() throws Exception {
        await().atMost(DEADLINE).untilAsserted(() -> {
            Shell.Result health = check();
            assertThat(health.exit()).as(health.out()).isZero();
            assertThat(Mesh.json(health.out()).path("checks"))
                    .anyMatch(check -> check.path("code").asText().equals("SP1501")
                            && check.path("result").asText().equals("ok"))
                    .noneMatch(check -> check.path("result").asText().equals("failed"));
        });

        Running away = mesh.startSidecar("stranger", "--application", "127.0.0.1:9");
        mesh.createToken("stranger");
        away.ready();
        away.stop();
        await().atMost(DEADLINE).untilAsserted(() -> {
            Shell.Result gone = check();
            assertThat(gone.exit()).isEqualTo(FAILURE);
            assertThat(Mesh.json(gone.out()).path("checks"))
                    .filteredOn(check -> check.path("result").asText().equals("failed"))
                    .anyMatch(check -> check.path("code").asText().equals("SP1501")
                            && check.path("category").asText().endsWith("stranger"));
        });
        Files.move(mesh.state("stranger"), folder.resolve("gone"));
    }

    private static Shell.Result check() {
        return Shell.sallyport(
                "check",
                "--proxy",
                "--state",
                folder.resolve("state").toString(),
                "--context",
                mesh.context(),
                "-o",
                "json");
    }

    /** Of the sidecar of {@code back}. */
    private static String proxy(String command, String... more) {
        List<String> arguments = new ArrayList<>(List.of("proxy", command));
        arguments.addAll(List.of(more));
        arguments.addAll(List.of("--state", mesh.state("back").toString()));
        Shell.Result result = Shell.sallyport(arguments.toArray(String[]::new));
        assertThat(result.exit()).as(result.err()).isZero();
        return result.out();
    }

    /** {@code tap -o jsonl} beside {@code back}, from when it follows. */
    private record Tap(Process process, Path out) implements AutoCloseable {
        static Tap start(String name, String... more) throws IOException {
            Path out = folder.resolve(name + ".jsonl");
            Path log = folder.resolve(name + ".log");
            List<String> command = new ArrayList<>(List.of(
                    Archive.launcher().toString(),
                    "tap",
                    "-o",
                    "jsonl",
                    "--state",
                    mesh.state("back").toString()));
            command.addAll(List.of(more));
            Process process = new ProcessBuilder(command)
                    .redirectOutput(out.toFile())
                    .redirectError(log.toFile())
                    .start();
            await().atMost(DEADLINE).until(() -> Files.readString(log).contains("following "));
            return new Tap(process, out);
        }

        /** Those that are whole. */
        List<JsonNode> lines() throws IOException {
            return Files.readString(out)
                    .lines()
                    .filter(line -> line.endsWith("}"))
                    .map(Mesh::json)
                    .toList();
        }

        /** Once it has as many as it wanted. */
        List<JsonNode> end() throws IOException, InterruptedException {
            assertThat(process.waitFor(DEADLINE.toSeconds(), TimeUnit.SECONDS)).isTrue();
            assertThat(process.exitValue()).isZero();
            return lines();
        }

        @Override
        public void close() {
            process.destroy();
        }
    }
}
