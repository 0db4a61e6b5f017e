package dev.sallyport.cli.witness;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.audit.tlog.Checkpoint;
import dev.sallyport.audit.tlog.KeyType;
import dev.sallyport.audit.tlog.MerkleProof;
import dev.sallyport.audit.tlog.NoteSigner;
import dev.sallyport.audit.tlog.NoteVerifier;
import dev.sallyport.audit.tlog.SignedNote;
import dev.sallyport.audit.tlog.Tree;
import dev.sallyport.audit.tlog.WitnessRequest;
import dev.sallyport.cli.Cli;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.testing.Ran;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The process, as an auditor starts it, over HTTP. */
class WitnessCommandTest {
    private static final String ORIGIN = "audit.shop.example/shop";

    @TempDir
    private Path folder;

    private final NoteSigner log = NoteSigner.generate(ORIGIN, KeyType.ED25519);
    private Optional<Process> process = Optional.empty();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
    private JsonNode ready;

    @BeforeEach
    void start() throws Exception {
        ready = ready(run());
    }

    @AfterEach
    void stop() throws Exception {
        end();
        client.close();
    }

    private Process run(String... more) throws Exception {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-Dsun.net.httpserver.maxReqTime=2",
                "-cp",
                System.getProperty("java.class.path"),
                Cli.class.getName(),
                "witness",
                "--name",
                "auditor.example/w1",
                "--state",
                folder.resolve("state").toString(),
                "--end-with-stdin"));
        line.addAll(
                more.length > 0
                        ? List.of(more)
                        : List.of("--log", log.verifier().vkey(), "--listen", "127.0.0.1:0"));
        Process started = new ProcessBuilder(line)
                .redirectError(folder.resolve("stderr").toFile())
                .start();
        process = Optional.of(started);
        return started;
    }

    private JsonNode ready(Process started) throws Exception {
        BufferedReader out =
                new BufferedReader(new InputStreamReader(started.getInputStream(), StandardCharsets.UTF_8));
        String line = out.readLine();
        assertThat(line).as(Files.readString(folder.resolve("stderr"))).isNotNull();
        return Invocation.JSON.readTree(line);
    }

    private void end() throws Exception {
        if (process.isPresent()) {
            process.get().getOutputStream().close();
            if (!process.get().waitFor(20, TimeUnit.SECONDS)) {
                process.get().destroyForcibly();
            }
            process = Optional.empty();
        }
    }

    private static Tree tree(String entry) {
        return new Tree(1, MerkleProof.leaf(entry.getBytes(StandardCharsets.UTF_8)));
    }

    private WitnessRequest request(long old, Tree tree) {
        SignedNote note = SignedNote.sign(new Checkpoint(ORIGIN, tree).text(), List.of(log), Instant.now());
        return new WitnessRequest(old, List.of(), note);
    }

    private HttpResponse<byte[]> post(byte[] body) throws Exception {
        return client.send(
                HttpRequest.newBuilder(uri(WitnessRequest.PATH))
                        .timeout(Duration.ofSeconds(20))
                        .POST(HttpRequest.BodyPublishers.ofByteArray(body))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private URI uri(String path) {
        return URI.create("http://" + ready.path("listen").asText() + path);
    }

    private List<NoteVerifier> keys() throws Exception {
        List<NoteVerifier> keys = new ArrayList<>();
        for (JsonNode vkey : ready.path("vkeys")) {
            keys.add(NoteVerifier.parse(vkey.asText()));
        }
        return keys;
    }

    private WitnessRequest.Answer ask(WitnessRequest request) throws Exception {
        HttpResponse<byte[]> response = post(request.toBytes());
        return request.answer(response.statusCode(), response.body(), keys());
    }

    @Test
    void cosignsRefusesAForkAndRemembersAcrossARestart() throws Exception {
        assertThat(ready.path("ready").asText()).isEqualTo("witness");
        assertThat(ready.at("/logs/0").asText()).isEqualTo(ORIGIN);
        assertThat(ask(request(0, tree("a")))).isInstanceOf(WitnessRequest.Answer.Cosigned.class);
        HttpResponse<byte[]> conflict = post(request(0, tree("b")).toBytes());
        assertThat(conflict.statusCode()).isEqualTo(409);
        assertThat(conflict.headers().firstValue("Content-Type")).contains("text/x.tlog.size");
        assertThat(new String(conflict.body(), StandardCharsets.UTF_8)).isEqualTo("1\n");
        assertThat(post(request(1, tree("b")).toBytes()).statusCode()).isEqualTo(422);

        List<NoteVerifier> before = keys();
        end();
        ready = ready(run());
        assertThat(keys()).isEqualTo(before);
        assertThat(ask(request(0, tree("b")))).isEqualTo(new WitnessRequest.Answer.Conflict(1));
        HttpResponse<byte[]> latest = client.send(
                HttpRequest.newBuilder(uri("/" + sha256(ORIGIN) + "/checkpoint"))
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
        assertThat(SignedNote.parse(latest.body()).verify(before)).hasSize(2);
    }

    private static String sha256(String text) throws Exception {
        return HexFormat.of()
                .formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void otherPathsMethodsAndBodiesAreRefused() throws Exception {
        assertThat(status("GET", WitnessRequest.PATH)).isEqualTo(405);
        assertThat(status("GET", "/")).isEqualTo(404);
        assertThat(status("GET", "/../checkpoint")).isIn(400, 404);
        assertThat(status("GET", "/" + sha256(ORIGIN) + "/checkpoint")).isEqualTo(404);
        assertThat(post("nonsense".getBytes(StandardCharsets.UTF_8)).statusCode())
                .isEqualTo(400);
        assertThat(post(new byte[WitnessRequest.BYTES_MAX + 1]).statusCode()).isEqualTo(413);
    }

    private int status(String method, String path) throws Exception {
        return client.send(
                        HttpRequest.newBuilder(uri(path))
                                .method(method, HttpRequest.BodyPublishers.noBody())
                                .build(),
                        HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }

    @Test
    void clientsThatNeverFinishAreCutAndOthersAreAnswered() throws Exception {
        List<Socket> slow = new ArrayList<>();
        try {
            for (int i = 0; i < 8; i++) {
                Socket socket = new Socket(InetAddress.getLoopbackAddress(), uri("/").getPort());
                slow.add(socket);
                socket.getOutputStream()
                        .write("POST /add-checkpoint HTTP/1.1\r\nHost: w\r\nContent-Length: 1000\r\n\r\nold"
                                .getBytes(StandardCharsets.US_ASCII));
            }
            assertThat(ask(request(0, tree("a")))).isInstanceOf(WitnessRequest.Answer.Cosigned.class);
            for (Socket socket : slow) {
                socket.setSoTimeout(20_000);
                assertThat(socket.getInputStream().read()).isEqualTo(-1);
            }
        } finally {
            for (Socket socket : slow) {
                socket.close();
            }
        }
    }

    @Test
    void whatCannotStartSaysWhy() throws Exception {
        String key = log.verifier().vkey();
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            witness("other", "w1", key, "127.0.0.1:" + taken.getLocalPort())
                    .refused(1, "--listen 127.0.0.1:" + taken.getLocalPort(), "expected: a free port");
        }
        witness("state", "auditor.example/w1", key, "127.0.0.1:0").refused(1, "in use by another process");
        assertThat(ask(request(0, tree("a")))).isInstanceOf(WitnessRequest.Answer.Cosigned.class);
        end();
        witness("state", "w2", key, "127.0.0.1:0").refused(1, "keys of auditor.example/w1 (expected: of w2)");
        String other = NoteSigner.generate("audit.other.example/x", KeyType.ED25519)
                .verifier()
                .vkey();
        witness("state", "auditor.example/w1", other, "127.0.0.1:0")
                .refused(1, "of " + ORIGIN + ", which no given log is");
        witness("x", "a b", key, "127.0.0.1:0").refused(2, "--name: ");
        witness("x", "w1", "nokey", "127.0.0.1:0").refused(2, "--log: verifier key: ");
        witness("x", "w1", key, "nowhere").refused(2, "--listen: nowhere");
    }

    private Ran witness(String state, String name, String key, String listen) {
        return sallyport("witness", "--state", folder.resolve(state), "--name", name, "--log", key, "--listen", listen);
    }
}
