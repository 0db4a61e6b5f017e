package dev.sallyport.benchmarks.loss;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A network namespace that this program made for itself: what happens to packets there, nobody else on the machine notices, and it goes with its last process. network_namespaces(7). */
public final class Namespace {
    private static final List<String> ENTER = List.of("unshare", "--net", "--", "sh", "-c");
    private static final String LOOPBACK_UP = "ip link set lo up";
    private static final int STOP_SECONDS = 30;

    private Namespace() {}

    /** Whether this process has another one than the process that started it. */
    public static boolean own() {
        try {
            Optional<ProcessHandle> parent = ProcessHandle.current().parent();
            return parent.isPresent()
                    && !link("self").equals(link(Long.toString(parent.get().pid())));
        } catch (IOException e) {
            return false; // Whose it is cannot be told: then it is not ours to break.
        }
    }

    private static Path link(String pid) throws IOException {
        return Files.readSymbolicLink(Path.of("/proc", pid, "ns", "net"));
    }

    /** Why there can be none; empty: there can. */
    public static Optional<String> problem() throws InterruptedException {
        List<String> words = new ArrayList<>(ENTER);
        words.add(LOOPBACK_UP);
        return Shell.problem(words)
                .map(why -> "no network namespace (" + why
                        + "); expected: root, and unshare and ip (sudo; apt-get install util-linux iproute2)");
    }

    /** Runs this program once more, with the same words and the same streams, in a new one with its loopback up. Its exit code. */
    public static int again() throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(ENTER);
        words.addAll(List.of(LOOPBACK_UP + " && exec \"$@\"", "bench"));
        words.addAll(
                List.of(Files.readString(Path.of("/proc/self/cmdline"), UTF_8).split("\0")));
        Process process = new ProcessBuilder(words).inheritIO().start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stop(process), "stop the bench in its namespace"));
        return process.waitFor();
    }

    /** Asks, and waits while it stops what it has started. */
    private static void stop(Process process) {
        process.destroy();
        try {
            process.waitFor(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
