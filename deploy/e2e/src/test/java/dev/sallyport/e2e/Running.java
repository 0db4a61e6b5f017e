package dev.sallyport.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One of our long-lived processes, started through the archive's launcher; ready once its ready line arrived; ends when its standard input closes. */
final class Running implements AutoCloseable {
    private static final long READY_SECONDS = 60;
    private static final long STOP_SECONDS = 20;
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final CompletableFuture<JsonNode> ready;
    private final Path log;

    private Running(Process process, CompletableFuture<JsonNode> ready, Path log) {
        this.process = process;
        this.ready = ready;
        this.log = log;
    }

    /** Does not wait: several may start at once. */
    static Running start(Path log, String... arguments) throws IOException {
        return start(log, Map.of(), arguments);
    }

    static Running start(Path log, Map<String, String> environment, String... arguments) throws IOException {
        List<String> command = new ArrayList<>();
        command.add(Archive.launcher().toString());
        command.addAll(List.of(arguments));
        command.add("--end-with-stdin");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(log.toFile());
        builder.environment().putAll(environment);
        Process process = builder.start();
        CompletableFuture<JsonNode> ready = new CompletableFuture<>();
        Thread.ofVirtual().start(() -> {
            try (var reader =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                String line = reader.readLine();
                if (line == null) {
                    ready.completeExceptionally(
                            new IllegalStateException("ended before it was ready: " + Files.readString(log)));
                } else {
                    ready.complete(JSON.readTree(line));
                }
                while (reader.readLine() != null) {
                    // Drained, so that the process never blocks on a full pipe.
                }
            } catch (IOException e) {
                ready.completeExceptionally(e);
            }
        });
        return new Running(process, ready, log);
    }

    /** The ready line. */
    JsonNode ready() {
        try {
            return ready.get(READY_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError(command() + " is not ready: " + e.getMessage() + "\n" + log(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    String text(String field) {
        return ready().path(field).asText();
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            return "";
        }
    }

    private String command() {
        return process.info().commandLine().orElse("process " + process.pid());
    }

    /** Of the JVM itself: the launcher has become it. */
    long pid() {
        return process.pid();
    }

    boolean alive() {
        return process.isAlive();
    }

    /** As on SIGKILL: nothing is said, nothing is flushed. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Closes standard input and returns the exit code. */
    int stop() throws IOException, InterruptedException {
        process.getOutputStream().close();
        if (!process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError(command() + " did not end within " + STOP_SECONDS + " s of its standard input");
        }
        return process.exitValue();
    }

    @Override
    public void close() throws IOException {
        try {
            if (process.isAlive()) {
                stop();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            process.destroyForcibly();
        }
    }
}
