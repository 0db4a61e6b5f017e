package dev.sallyport.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bad input gets one clear message with what, value and expectation, a non-zero exit, and loses nothing. */
class BadInputTest {
    @TempDir
    static Path folder;

    private static Mesh mesh;
    private static Running back;

    @BeforeAll
    static void startMesh() throws Exception {
        mesh = Mesh.start(folder);
        back = mesh.startBack();
        mesh.createToken("back");
        back.ready();
    }

    @AfterAll
    static void stopMesh() throws Exception {
        mesh.close();
    }

    @Test
    void everyProblemOfADocumentSetIsNamedAtOnceWithItsPlace() throws IOException {
        Path documents = copyDocuments("many-problems");
        Files.writeString(documents.resolve("back.yaml"), """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: back}
            spec:
              service: back
              routes:
                read: {match: "GET /things/{id}", alow: {front: {from: [front], user: none}}}
                same: {match: "GET /things/{name}", allow: {front: {from: [frnt], user: none}}}
            """);
        Shell.Result lint = Shell.sallyport("policy", "lint", documents.toString());
        assertThat(lint.exit()).isEqualTo(3);
        String said = lint.out() + lint.err();
        assertThat(said)
                .contains("back.yaml:7:")
                .contains("alow")
                .contains("back.yaml:8:")
                .contains("frnt")
                .contains("/things/{name}");
        assertThat(said).containsPattern("SP0[0-9]{3}");
    }

    @Test
    void badSpiffeIdInTheLiveFolderIsNamedAndTheMeshKeepsItsRules() throws Exception {
        Path live = folder.resolve("documents/mesh.yaml");
        String good = Files.readString(live);
        long revision = status().path("revision").asLong();
        Files.writeString(live, good.replace("spiffe://small.example/sa/back", "spiffe://small.example//back"));
        try {
            await().atMost(Duration.ofSeconds(20))
                    .untilAsserted(
                            () -> assertThat(status().at("/documents/lastError").asText())
                                    .contains("mesh.yaml:")
                                    .contains("spec.services.back.identity")
                                    .contains("\"//back\"")
                                    .contains("expected"));
            assertThat(status().path("revision").asLong()).isEqualTo(revision);
        } finally {
            Files.writeString(live, good);
        }
        await().atMost(Duration.ofSeconds(20))
                .untilAsserted(
                        () -> assertThat(status().at("/documents/lastError").asText(""))
                                .isIn("", "null"));
    }

    private static JsonNode status() {
        return Mesh.json(Shell.sallyport("status", "-o", "json", "--context", mesh.context())
                .out());
    }

    @Test
    void portInUseIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            Shell.Result result = Shell.sallyport(
                    "proxy",
                    "--service",
                    "back",
                    "--state",
                    folder.resolve("port-in-use").toString(),
                    "--join-file",
                    mesh.joinFile("back").toString(),
                    "--application",
                    "127.0.0.1:9",
                    "--inbound",
                    "127.0.0.1:" + taken.getLocalPort(),
                    "--outbound",
                    "127.0.0.1:0",
                    "--admin",
                    "127.0.0.1:0",
                    "--metrics",
                    "127.0.0.1:0",
                    "--health",
                    "127.0.0.1:0");
            assertRefused(result, 1, "127.0.0.1:" + taken.getLocalPort());
        }
    }

    @Test
    void stateThatOthersCanReadIsRefused() throws Exception {
        Path state = Files.createDirectory(folder.resolve("open-state"));
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxr-xr-x"));
        assertRefused(proxy(state, mesh.joinFile("back")), 1, "chmod");
    }

    @Test
    void stateThatCannotBeMadeIsRefused() throws Exception {
        Path file = Files.writeString(folder.resolve("a-file"), "");
        assertRefused(proxy(file.resolve("state"), mesh.joinFile("back")), 1, "a-file");
    }

    @Test
    void joinTokenOfAnotherKeyIsRefusedAndTheFirstStaysServed() {
        Shell.Result second = proxy(folder.resolve("second-instance"), mesh.joinFile("back"));
        assertRefused(second, 1, "token");
        assertThat(back.alive()).isTrue();
    }

    @Test
    void expiredJoinTokenIsRefused() throws Exception {
        mesh.createToken("front", "--life", "1s");
        Instant expired = Instant.now().plusSeconds(1);
        await().atMost(Duration.ofSeconds(10)).until(() -> Instant.now().isAfter(expired));
        assertRefused(proxy("front", folder.resolve("too-late"), mesh.joinFile("front")), 1, "expired");
    }

    @Test
    void unknownConfigurationKeyIsNamed() throws Exception {
        Path config = Files.writeString(
                folder.resolve("sidecar.yaml"), "service: back\naplication: 127.0.0.1:1\nstateDirectory: ./s\n");
        Shell.Result result = Shell.sallyport("proxy", "--config", config.toString());
        assertThat(result.exit()).isEqualTo(3);
        assertThat(result.err())
                .contains("sidecar.yaml:2")
                .contains("aplication")
                .contains("application");
    }

    @Test
    void recordThatWasCutInTheMiddleIsNamed() throws Exception {
        Path copy = Files.createDirectories(folder.resolve("cut"));
        Path log;
        try (Stream<Path> files = Files.list(mesh.state("back").resolve("audit"))) {
            log = files.filter(file -> file.toString().endsWith(".audit.jsonl"))
                    .findFirst()
                    .orElseThrow();
        }
        byte[] bytes = Files.readAllBytes(log);
        int end = bytes.length;
        while (bytes[end - 1] == 0) { // A live segment ends in zeros.
            end--;
        }
        Files.write(copy.resolve(log.getFileName().toString()), java.util.Arrays.copyOf(bytes, end - 20));
        Shell.Result result = Shell.sallyport("audit", "verify", copy.toString());
        assertThat(result.exit()).isEqualTo(6);
        assertThat(result.out() + result.err()).contains(log.getFileName().toString());
    }

    @Test
    void unknownCommandAndOptionAreUsageErrors() {
        assertThat(Shell.sallyport("explian").exit()).isEqualTo(2);
        assertThat(Shell.sallyport("proxy", "--nonsense").exit()).isEqualTo(2);
        assertThat(Shell.sallyport("control-plane", "--nonsense").exit()).isEqualTo(2);
    }

    private static Shell.Result proxy(Path state, Path joinFile) {
        return proxy("back", state, joinFile);
    }

    private static Shell.Result proxy(String service, Path state, Path joinFile) {
        return Shell.sallyport(
                "proxy",
                "--service",
                service,
                "--state",
                state.toString(),
                "--join-file",
                joinFile.toString(),
                "--application",
                "127.0.0.1:9",
                "--inbound",
                "127.0.0.1:0",
                "--outbound",
                "127.0.0.1:0",
                "--admin",
                "127.0.0.1:0",
                "--metrics",
                "127.0.0.1:0",
                "--health",
                "127.0.0.1:0");
    }

    private static void assertRefused(Shell.Result result, int exit, String says) {
        assertThat(result.exit()).as(result.err()).isEqualTo(exit);
        assertThat(result.out()).isEmpty();
        List<String> message = result.err()
                .lines()
                .filter(line -> line.startsWith("sallyport: "))
                .toList();
        assertThat(message).as(result.err()).isNotEmpty();
        assertThat(message.getLast()).containsIgnoringCase(says);
        assertThat(result.err()).doesNotContain("\tat dev.sallyport");
    }

    private static Path copyDocuments(String name) throws IOException {
        Path target = Files.createDirectory(folder.resolve(name));
        try (Stream<Path> files = Files.list(folder.resolve("documents"))) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, target.resolve(file.getFileName()));
            }
        }
        return target;
    }
}
