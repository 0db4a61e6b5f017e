package dev.sallyport.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/** A real counterpart that runs, on loopback, with a folder of its own; ready when its start returns. Its log goes on over restarts. */
final class PeerProcess implements AutoCloseable {
    private static final Duration STOP_WITHIN = Duration.ofSeconds(20);
    private static final int LOG_LINES_SHOWN = 60;

    private final Process process;
    private final Path log;

    private PeerProcess(Process process, Path log) {
        this.process = process;
        this.log = log;
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly)); // also when a test run is cut off
    }

    /** {@code ready}: asked until it says so; fails with the log if it never does, or if the process ends. */
    static PeerProcess start(List<String> command, Path log, Duration within, BooleanSupplier ready)
            throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("OTEL_") || name.startsWith("JAEGER_"));
        PeerProcess peer = new PeerProcess(builder.start(), log);
        try {
            Awaitility.await().atMost(within).until(() -> !peer.process.isAlive() || peer.answers(ready));
        } catch (ConditionTimeoutException e) {
            peer.close();
            throw new AssertionError(command + " is not ready within " + within + "\n" + peer.log(), e);
        }
        if (!peer.process.isAlive()) {
            throw new AssertionError(command + " ended before it was ready\n" + peer.log());
        }
        return peer;
    }

    private boolean answers(BooleanSupplier ready) {
        try {
            return ready.getAsBoolean();
        } catch (UncheckedIOException e) {
            return false; // Nobody listens yet.
        }
    }

    /** Loopback ports that nobody listens on, as the operating system chose them; who asks for one at a time may get the same again. */
    static List<Integer> freePorts(int count) throws IOException {
        List<ServerSocket> held = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                held.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return held.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : held) {
                socket.close();
            }
        }
    }

    /** The last lines of what it said. */
    String log() {
        try (Stream<String> lines = Files.lines(log)) {
            List<String> all = lines.toList();
            return all.stream()
                    .skip(Math.max(0, all.size() - LOG_LINES_SHOWN))
                    .collect(Collectors.joining("\n", log.getFileName() + ":\n", "\n"));
        } catch (IOException e) {
            return log + ": " + e;
        }
    }

    /** As on SIGKILL: nothing is said, nothing is flushed. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit()
                .completeOnTimeout(process, STOP_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
                .join();
        process.destroyForcibly();
    }
}
