package dev.sallyport.benchmarks.pair;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/** A process that we started, with its descendants. Standard input stays open until it is closed: ours end with it, so that none outlives a killed bench. */
final class Child implements AutoCloseable {
    private static final Duration STOP = Duration.ofSeconds(10);
    private static final int SAID_LINES = 5;

    private final String name;
    private final ProcessBuilder builder;
    private final Process process;
    private final Path log;
    private final long started;
    private volatile long ready;
    private final CompletableFuture<Optional<String>> firstLine;

    private Child(String name, ProcessBuilder builder, Path log) throws IOException {
        this.name = name;
        this.builder = builder;
        this.log = log;
        this.started = System.nanoTime();
        this.process = builder.start();
        this.firstLine = new CompletableFuture<>();
        Thread.ofVirtual().start(this::drain);
    }

    /** {@code builder} has command and environment; standard error goes to {@code log}. */
    static Child start(String name, ProcessBuilder builder, Path log) throws IOException {
        return new Child(name, builder.redirectError(log.toFile()), log);
    }

    /** The same words in the same folder once more; this one has ended. */
    Child again(Workplace workplace) throws IOException {
        return workplace.start(name, log, builder);
    }

    /** Where it works; empty for the folder of the bench. */
    Optional<Path> folder() {
        return Optional.ofNullable(builder.directory()).map(File::toPath);
    }

    /** Of {@link System#nanoTime}, just before it was executed. */
    long started() {
        return started;
    }

    /** From there to its first line; to be asked behind {@link #firstLine}. */
    Duration ready() {
        return Duration.ofNanos(ready - started);
    }

    /** The first line is kept, the rest read away: a full pipe would stop the process. */
    private void drain() {
        try (BufferedReader out = new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
            String line = out.readLine();
            while (line != null && line.startsWith("[")) { // the JVM's own, as of a flight recording
                line = out.readLine();
            }
            ready = System.nanoTime();
            firstLine.complete(Optional.ofNullable(line));
            while (line != null) {
                line = out.readLine();
            }
        } catch (IOException e) {
            firstLine.complete(Optional.empty());
        }
    }

    /** What it prints when it is ready. */
    String firstLine(Duration patience) throws IOException, InterruptedException {
        try {
            return firstLine
                    .get(patience.toMillis(), TimeUnit.MILLISECONDS)
                    .orElseThrow(() -> failure("ended before it was ready"));
        } catch (ExecutionException | TimeoutException e) {
            throw failure("not ready within " + patience.toSeconds() + " s");
        }
    }

    /** Of one that does its work and ends. */
    void succeeded(Duration patience) throws IOException, InterruptedException {
        if (!process.waitFor(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            throw failure("not done within " + patience.toSeconds() + " s");
        }
        if (process.exitValue() != 0) {
            throw failure("ended with " + process.exitValue());
        }
    }

    boolean alive() {
        return process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** Its own and those of its descendants. */
    List<Long> pids() {
        return Stream.concat(Stream.of(process.toHandle()), process.descendants())
                .map(ProcessHandle::pid)
                .toList();
    }

    IOException failure(String what) {
        return new IOException(name + ": " + what + "; it said: " + said());
    }

    private String said() {
        try {
            List<String> lines = Files.readAllLines(log);
            return lines.isEmpty()
                    ? "nothing"
                    : String.join(" | ", lines.subList(Math.max(0, lines.size() - SAID_LINES), lines.size()));
        } catch (IOException e) {
            return "nothing that can be read";
        }
    }

    /** Asks, waits, then kills; by pid. Any thread, any number of times. */
    @Override
    public void close() {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle()))
                .toList();
        process.destroy();
        try {
            if (process.waitFor(STOP.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        all.forEach(ProcessHandle::destroyForcibly);
    }
}
