package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The record from the sidecars' logs to the auditor's desk: collected, searched, proven, witnessed, verified by a program that is not ours, and whole after everybody was killed. From the archive. */
class RecordTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final int KILLS = 3;
    private static final Path VERIFIER = Archive.checkout().resolve("deploy/auditor/verify_log.py");
    private static final String REQUIRED = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: back}
            spec:
              service: back
              routes:
                read: {match: "GET /things/{id}", audit: required, allow: {front: {from: [front], user: none}}}
            """;

    @TempDir
    Path folder;

    private final HttpClient client = HttpClient.newHttpClient();

    @Test
    void recordsAreCollectedAndFoundAndAProgramThatIsNotOursVerifiesThem() throws Exception {
        try (Mesh mesh = Mesh.start(folder)) {
            URI things = joined(mesh);
            for (int i = 0; i < 20; i++) {
                assertThat(status(things)).isEqualTo(200);
            }
            assertThat(status(things.resolve("/nothing"))).isEqualTo(403);
            JsonNode found =
                    awaitRecords(mesh, 20, "--callee", "back", "--direction", "inbound", "--decision", "allow");
            assertThat(awaitRecords(mesh, 1, "--decision", "deny", "--direction", "inbound"))
                    .hasSize(1);

            String id = found.get(0).path("id").asText();
            Path proof = folder.resolve("one.tlog-proof");
            mesh.command("audit", "prove", id, "--out", proof.toString());
            List<String> keys = keys(mesh);
            assertThat(sallyport(keys, "audit", "verify", proof.toString()).exit())
                    .isZero();
            assertThat(mesh.command("explain", id)).contains("read/front");

            mesh.controlPlane.stop();
            Path log = mesh.folder.resolve("control-plane/audit/log");
            Shell.Result ours = sallyport(keys, "audit", "verify", log.toString());
            assertThat(ours.exit()).as(ours.toString()).isZero();
            assertThat(ours.out()).contains("operator-trusted");
            flipped(log, keys);
            notOurs(log, keys, 0, "HOLDS");
        }
    }

    /** One bit of one record, in a copy: both verifiers name the entry. */
    private void flipped(Path log, List<String> keys) throws IOException {
        Path copy = folder.resolve("flipped");
        copy(log, copy);
        Path bundle;
        try (var files = Files.walk(copy.resolve("tile/entries"))) {
            // The widest: narrower ones are of earlier checkpoints, and nobody reads them for this one.
            bundle = files.filter(Files::isRegularFile)
                    .max(Comparator.comparingLong(file -> file.toFile().length()))
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(bundle);
        bytes[bytes.length / 2] ^= 1;
        Files.write(bundle, bytes);
        Shell.Result ours = sallyport(keys, "audit", "verify", copy.toString());
        assertThat(ours.exit()).as(ours.toString()).isEqualTo(6);
        assertThat(ours.err()).contains("entry ");
        notOurs(copy, keys, 6, "entry ");
    }

    @Test
    void theAuditorsVerifierPassesItsOwnTests() {
        assumeCryptography();
        Shell.Result tests = Shell.run(List.of(
                "python3",
                "-m",
                "unittest",
                "discover",
                "-s",
                VERIFIER.getParent().toString(),
                "-p",
                "test_*.py"));
        assertThat(tests.exit()).as(tests.toString()).isZero();
    }

    private static void assumeCryptography() {
        assumeThat(Shell.run(List.of("python3", "-c", "import cryptography")).exit())
                .as("verify_log.py is not tried: python3-cryptography is not installed")
                .isZero();
    }

    private static void notOurs(Path log, List<String> keys, int exit, String said) {
        assumeCryptography();
        List<String> command = new ArrayList<>(List.of("python3", VERIFIER.toString(), log.toString()));
        keys.forEach(key -> command.addAll(List.of("--key", key)));
        Shell.Result result = Shell.run(command);
        assertThat(result.exit()).as(result.toString()).isEqualTo(exit);
        assertThat(result.out()).contains(said);
    }

    @Test
    void aWitnessCosignsWhatGoesOnAndRefusesALogThatWentBack() throws Exception {
        try (Mesh mesh = Mesh.start(folder, "--config", config("").toString())) {
            URI things = joined(mesh);
            assertThat(status(things)).isEqualTo(200);
            awaitRecords(mesh, 1, "--callee", "back", "--direction", "inbound");
            List<String> keys = keys(mesh);
            try (Running witness = Running.start(
                    folder.resolve("witness.log"),
                    "witness",
                    "--name",
                    "auditor.example/w1",
                    "--log",
                    keys.getFirst(),
                    "--state",
                    folder.resolve("witness").toString(),
                    "--listen",
                    "127.0.0.1:0")) {
                String key = witness.ready().at("/vkeys/0").asText();
                config("audit: {witnesses: [{url: \"http://" + witness.text("listen") + "\", key: \"" + key
                        + "\", privateAddresses: [127.0.0.0/8]}], quorum: 1}");
                Path before = folder.resolve("before");
                mesh.controlPlane.stop();
                copy(mesh.folder.resolve("control-plane"), before);
                try (Running again = again(mesh)) {
                    again.ready();
                    assertThat(status(things)).isEqualTo(200);
                    awaitRecords(mesh, 2, "--callee", "back", "--direction", "inbound");
                    await().atMost(DEADLINE)
                            .untilAsserted(() -> assertThat(mesh.json("audit", "status", "-o", "json")
                                            .path("witnesses")
                                            .path("cosigned")
                                            .toString())
                                    .contains("auditor.example/w1"));
                }
                Path log = mesh.folder.resolve("control-plane/audit/log");
                Shell.Result witnessed = sallyport(keys, "audit", "verify", log.toString(), "--witness", key);
                assertThat(witnessed.exit()).as(witnessed.toString()).isZero();
                assertThat(witnessed.out()).doesNotContain("operator-trusted");

                // Somebody restores yesterday's copy, and the log begins to grow another way.
                Files.move(mesh.folder.resolve("control-plane"), folder.resolve("after"));
                copy(before, mesh.folder.resolve("control-plane"));
                try (Running rolled = again(mesh)) {
                    rolled.ready();
                    await().atMost(DEADLINE)
                            .untilAsserted(() -> assertThat(mesh.json("audit", "status", "-o", "json")
                                            .path("witnesses")
                                            .path("problems")
                                            .toString())
                                    .contains("auditor.example/w1"));
                }
            }
        }
    }

    @Test
    void whoeverIsKilledNoAnsweredRequestIsMissingAndNoneIsThereTwice() throws Exception {
        List<Running> started = new ArrayList<>();
        try (Mesh mesh = Mesh.start(folder)) {
            Running front = mesh.startFront();
            Running back = mesh.startBack();
            joined(mesh, front, back);
            mesh.write("back.yaml", REQUIRED);
            await().atMost(DEADLINE).until(() -> mesh.status().path("revision").asLong() == 2);
            Running controlPlane = mesh.controlPlane;
            Queue<String> answered;
            try (Traffic traffic = Traffic.of(front)) {
                answered = traffic.succeeded();
                for (int i = 0; i < KILLS; i++) {
                    awaitMore(answered);
                    controlPlane.kill();
                    awaitMore(answered);
                    controlPlane = again(mesh);
                    started.add(controlPlane);
                    back.kill();
                    back = mesh.startBack();
                    back.ready();
                    controlPlane.ready();
                }
                awaitMore(answered);
                traffic.finish();
            }
            // Who died between the answer and the record of its end left the intent: it was durable before anything was
            // forwarded.
            await().atMost(DEADLINE).untilAsserted(() -> {
                Map<String, Long> intents = collected(mesh, "request.intent");
                assertThat(intents.keySet()).containsAll(answered);
                assertThat(intents.values()).containsOnly(1L);
            });
            Map<String, Long> outcomes = collected(mesh, "request");
            assertThat(outcomes.values()).containsOnly(1L);
            Shell.Result verified = sallyport(
                    keys(mesh),
                    "audit",
                    "verify",
                    mesh.folder.resolve("control-plane/audit/log").toString());
            assertThat(verified.exit()).as(verified.toString()).isZero();
        } finally {
            for (Running each : started) {
                each.close();
            }
        }
    }

    private static void awaitMore(Queue<String> answered) {
        int before = answered.size();
        await().atMost(DEADLINE).until(() -> answered.size() > before + 20);
    }

    /** How often each of the traffic's requests is in the collected log, by its trace: what back says of what it let in. */
    private static Map<String, Long> collected(Mesh mesh, String event) {
        return mesh.command("audit", "export", "--callee", "back", "--direction", "inbound", "--event", event)
                .lines()
                .map(line -> Mesh.json(line).path("TraceId").asText())
                .filter(trace -> trace.startsWith("0000000000000000"))
                .collect(Collectors.groupingBy(trace -> trace, Collectors.counting()));
    }

    private Running again(Mesh mesh) throws IOException {
        return mesh.startControlPlane(
                mesh.controlPlane.text("sidecars"), mesh.controlPlane.text("enrolment"), mesh.controlPlane.text("api"));
    }

    private Path config(String text) throws IOException {
        return Files.writeString(folder.resolve("control-plane.yaml"), text.isEmpty() ? "{}\n" : text + "\n");
    }

    private int status(URI uri) throws IOException, InterruptedException {
        return client.send(HttpRequest.newBuilder(uri).build(), HttpResponse.BodyHandlers.ofString())
                .statusCode();
    }

    private static List<String> keys(Mesh mesh) {
        List<String> keys = new ArrayList<>();
        mesh.json("audit", "status", "-o", "json").path("keys").forEach(key -> keys.add(key.asText()));
        assertThat(keys).isNotEmpty();
        return keys;
    }

    private static Shell.Result sallyport(List<String> keys, String... arguments) {
        List<String> command = new ArrayList<>(List.of(arguments));
        keys.forEach(key -> command.addAll(List.of("--key", key)));
        return Shell.sallyport(command.toArray(String[]::new));
    }

    private static JsonNode awaitRecords(Mesh mesh, int count, String... filters) {
        List<String> command = new ArrayList<>(List.of("audit", "search", "-o", "json"));
        command.addAll(List.of(filters));
        JsonNode[] found = new JsonNode[1];
        await().atMost(DEADLINE).untilAsserted(() -> {
            found[0] = mesh.json(command.toArray(String[]::new)).path("records");
            assertThat(found[0]).hasSizeGreaterThanOrEqualTo(count);
        });
        return found[0];
    }

    /** With its modes: a state folder that others may read is refused. */
    private static void copy(Path from, Path to) {
        assertThat(Shell.run(List.of("cp", "-a", from.toString(), to.toString()))
                        .exit())
                .isZero();
    }

    private URI joined(Mesh mesh) throws Exception {
        return joined(mesh, mesh.startFront(), mesh.startBack());
    }

    /** Once they are up: where an application beside front reaches a thing of back's. */
    private URI joined(Mesh mesh, Running front, Running back) throws Exception {
        mesh.createToken("front");
        mesh.createToken("back");
        back.ready();
        URI things = URI.create("http://" + front.ready().at("/upstreams/back").asText() + "/things/1");
        await().atMost(DEADLINE).until(() -> status(things) == 200);
        return things;
    }
}
