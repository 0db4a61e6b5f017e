package dev.sallyport.cli.tests;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.cli.Cli;
import dev.sallyport.cli.testing.ShopDocuments;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WatchTest {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final String TESTS = """
            apiVersion: sallyport.dev/v1
            kind: PolicyTest
            metadata: {name: payment}
            spec:
              cases:
                health: {from: catalog, request: GET /health, expect: allow}
            """;

    @TempDir
    private Path folder;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final CompletableFuture<Integer> exit = new CompletableFuture<>();
    private final Thread command = new Thread(() -> exit.complete(run()), "policy test --watch");

    @BeforeEach
    void start() throws IOException {
        ShopDocuments.write(folder);
        save(TESTS);
        command.start();
        sees("1 test: 1 passed, 0 failed");
    }

    @AfterEach
    void end() throws InterruptedException {
        command.interrupt();
        command.join(LIMIT);
    }

    @Test
    void savedFileIsTestedAgain() throws IOException {
        save(TESTS.replace("allow", "deny"));
        sees("tests.yaml:6:5: failed payment/health: decision: expected deny, actual allow by payment/health/mesh");

        command.interrupt();
        assertThat(exit).succeedsWithin(LIMIT).isEqualTo(4);
    }

    @Test
    void brokenFileIsShownAndEndsNothing() throws IOException {
        save(TESTS.replace("catalog", "catlog"));
        sees("SP0101 spec.cases.health.from: catlog: unknown (did you mean catalog?)");
        save("kind: [");
        sees("tests.yaml:1:8: SP0001 not YAML");
        Files.write(folder.resolve("tests.yaml"), new byte[] {'a', (byte) 0xFF});
        sees("tests.yaml:1:2: not UTF-8");

        out.reset();
        save(TESTS.replace("health:", "again:"));
        sees("1 test: 1 passed, 0 failed");
        command.interrupt();
        assertThat(exit).succeedsWithin(LIMIT).isEqualTo(0);
    }

    @Test
    void screenIsClearedOnATerminalOnly() {
        assertThat(printed()).doesNotContain("\u001b");
    }

    private int run() {
        PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
        return Cli.execute(stream, stream, "policy", "test", "--watch", folder.toString());
    }

    /** Whole or not at all, as editors do. */
    private void save(String text) throws IOException {
        Path next = Files.writeString(folder.resolve("tests.next"), text);
        Files.move(next, folder.resolve("tests.yaml"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
    }

    private void sees(String line) {
        await().atMost(LIMIT).untilAsserted(() -> assertThat(printed()).contains(line));
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8);
    }
}
