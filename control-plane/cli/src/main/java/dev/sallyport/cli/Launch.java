package dev.sallyport.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;

/**
 * One of our long-lived processes, started through the launcher with {@code --end-with-stdin}. Its standard input stays open as long as we live: when it closes, because we
 * stop it or because we were killed, the process ends cleanly. Any thread.
 *
 * <p>Ctrl-C at a terminal reaches the whole process group; the child ignores it, so that the parent decides in which order things stop.
 */
public final class Launch implements AutoCloseable {
    /** Set by the launcher script for every JVM: its own absolute path. */
    public static final String LAUNCHER_PROPERTY = "sallyport.launcher";

    /** A sidecar drains for up to 10 s. */
    private static final Duration STDIN_GRACE = Duration.ofSeconds(15);

    private static final Duration TERM_GRACE = Duration.ofSeconds(5);
    private static final Duration KILL_GRACE = Duration.ofSeconds(5);

    /** Kept of stderr for the message of a process that ended before it was ready. */
    private static final int LINES_KEPT = 5;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final String command;
    private final Process process;
    private final CompletableFuture<String> firstLine = new CompletableFuture<>();
    private final CompletableFuture<Void> stderrEnd = new CompletableFuture<>();
    private final Deque<String> lastWords = new ArrayDeque<>(); // guarded by itself

    private Duration stdinGrace = STDIN_GRACE; // like termGrace set before others see this
    private Duration termGrace = TERM_GRACE;

    private Launch(String command, Process process) {
        this.command = command;
        this.process = process;
    }

    /** How long closing its input, and then SIGTERM, may take to end it. */
    Launch withGrace(Duration grace) {
        stdinGrace = grace;
        termGrace = grace;
        return this;
    }

    /** Stderr goes to {@code log}, appended. Does not wait: several may start at once. */
    public static Launch start(Path log, String command, List<String> arguments) throws CliException {
        Launch launch = start(command, arguments, ProcessBuilder.Redirect.appendTo(log.toFile()));
        launch.drainStdout();
        launch.remember("its messages are in " + log);
        launch.stderrEnd.complete(null);
        return launch;
    }

    /** Each line of stderr goes to {@code stderr}, on a thread of its own. Does not wait. */
    public static Launch start(Consumer<String> stderr, String command, List<String> arguments) throws CliException {
        Launch launch = start(command, arguments, ProcessBuilder.Redirect.PIPE);
        launch.drainStdout();
        launch.drainStderr(stderr);
        return launch;
    }

    private static Launch start(String command, List<String> arguments, ProcessBuilder.Redirect stderr)
            throws CliException {
        String launcher = System.getProperty(LAUNCHER_PROPERTY, "");
        if (launcher.isEmpty()) {
            throw new CliException(
                    "launcher: unknown (expected: the command line to be started by the script sallyport)");
        }
        // POSIX: a signal that is ignored stays ignored across exec, in bash as in the JVM.
        List<String> line = new ArrayList<>(List.of("/bin/sh", "-c", "trap '' INT; exec \"$@\"", "sh"));
        line.add(launcher);
        line.add(command);
        line.addAll(arguments);
        if (!arguments.contains("--end-with-stdin")) {
            line.add("--end-with-stdin");
        }
        ProcessBuilder builder = new ProcessBuilder(line).redirectError(stderr);
        builder.environment().put("SALLYPORT_SKIP_BUILD", "1");
        try {
            return new Launch(command, builder.start());
        } catch (IOException e) {
            throw new CliException(command + ": cannot be started: " + e.getMessage());
        }
    }

    /**
     * The ready line, once it is there. Fails when the process ends before, with the last thing it said; with {@link ExitCode#TIMEOUT} after {@code limit}. The process is left as
     * it is.
     */
    public JsonNode awaitReady(Duration limit) throws CliException {
        try {
            return JSON.readTree(firstLine.get(limit.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            throw new CliException(
                    ExitCode.TIMEOUT, command + ": not ready after " + limit.toSeconds() + " s" + lastWord());
        } catch (ExecutionException | CancellationException e) {
            throw new CliException(command + ": ended before it was ready" + exitText() + lastWordAtEnd());
        } catch (JsonProcessingException e) {
            throw new CliException(command + ": its first line is no JSON (expected: a ready line)");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException(command + ": interrupted while it was starting");
        }
    }

    /** Completes with the exit code: 128+n after signal n. */
    public CompletableFuture<Integer> onExit() {
        return process.onExit().thenApply(Process::exitValue);
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public long pid() {
        return process.pid();
    }

    /**
     * Closes its standard input; then SIGTERM, then SIGKILL, each when the step before did not end it in time. Returns the exit code. Always done, also on an interrupted thread;
     * another interrupt while waiting goes on to the next step.
     */
    public int stop() {
        boolean interrupted = Thread.interrupted();
        try {
            process.getOutputStream().close();
        } catch (IOException e) {
            // Closed already, which is what was wanted.
        }
        interrupted |= !ends(stdinGrace, () -> {});
        interrupted |= !ends(termGrace, process::destroy);
        interrupted |= !ends(KILL_GRACE, process::destroyForcibly);
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return process.isAlive() ? -1 : process.exitValue();
    }

    /** Unless it has ended: pushes, and waits. False when interrupted. */
    private boolean ends(Duration grace, Runnable push) {
        if (!process.isAlive()) {
            return true;
        }
        push.run();
        try {
            var _ = process.waitFor(grace);
            return true;
        } catch (InterruptedException e) {
            return false;
        }
    }

    /** As a crash: SIGKILL at once, and waits for the end. */
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** {@link #stop}. */
    @Override
    public void close() {
        stop();
    }

    private void drainStdout() {
        drain("stdout", process.getInputStream(), firstLine::complete, () -> firstLine.cancel(false));
    }

    private void drainStderr(Consumer<String> consumer) {
        drain(
                "stderr",
                process.getErrorStream(),
                line -> {
                    remember(line);
                    consumer.accept(line);
                },
                () -> stderrEnd.complete(null));
    }

    /** Read to the end, whatever the lines are: a full pipe would stop the process. */
    private void drain(String name, InputStream in, Consumer<String> consumer, Runnable atEnd) {
        // Not a virtual thread: reading a pipe holds its carrier, and a dozen children would leave none for anybody
        // else.
        Thread.ofPlatform().daemon().name(command + "-" + name).start(() -> {
            try (BufferedReader reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8))) {
                for (String line = reader.readLine(); line != null; line = reader.readLine()) {
                    consumer.accept(line);
                }
            } catch (IOException e) {
                // The process is gone, and with it its pipe.
            } finally {
                atEnd.run();
            }
        });
    }

    private void remember(String line) {
        synchronized (lastWords) {
            if (lastWords.size() == LINES_KEPT) {
                lastWords.removeFirst();
            }
            lastWords.addLast(line);
        }
    }

    private String exitText() {
        try {
            return process.waitFor(Duration.ofSeconds(1)) ? " (exit code " + process.exitValue() + ")" : "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    /** Its end is known before its last line was read. */
    private String lastWordAtEnd() {
        try {
            return stderrEnd
                    .completeOnTimeout(null, 1, TimeUnit.SECONDS)
                    .thenApply(_ -> lastWord())
                    .get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return lastWord();
        } catch (ExecutionException e) {
            return lastWord();
        }
    }

    private String lastWord() {
        synchronized (lastWords) {
            return lastWords.isEmpty() ? "" : ": " + lastWords.getLast().replaceFirst("^sallyport: ", "");
        }
    }
}
