package dev.sallyport.cli.train;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpServer;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Launch;
import dev.sallyport.cli.load.Load;
import dev.sallyport.cli.load.Pace;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;

/**
 * {@code train}: what the launcher's {@code sallyport train} runs between its own steps. Two standalone sidecars with certificates, keys, rules and an application of their own, all in a
 * temporary folder, call each other for some seconds and end; the launcher lets the virtual machine of the first one that starts record.
 */
@Command(
        description = {
            "Makes the AOT cache of the sidecar for this machine's JDK: it then starts in half the time.",
            "Two sidecars work for some seconds; the cache goes beside the jars, or into the user's cache where those cannot be written."
        })
public final class TrainCommand implements Callable<Integer> {
    private static final Duration START = Duration.ofSeconds(30);
    private static final Duration WORK_MAX = Duration.ofSeconds(30);

    /** Below 5,000 calls of a method nothing reaches the JVM's second compiler, and the profiles would say so to every start; each sidecar sees them twice, out and in. */
    private static final int REQUESTS = 12_000;

    /** Enough for the profiles of what every request does, and bearable on one slow core. */
    private static final Pace PACE = new Pace(4000, 16, Duration.ofSeconds(10));

    private static final int FAILED_SHARE = 20;

    private final Invocation invocation;

    public TrainCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException, IOException, InterruptedException {
        Path folder = Files.createTempDirectory(
                "sallyport-train-", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        HttpServer application = application();
        try {
            invocation.say("training: two sidecars, with certificates, tokens and rules …");
            TrainingMesh mesh =
                    TrainingMesh.write(folder, application.getAddress().getPort());
            Launch trained = sidecar(mesh, TrainingMesh.TRAINED);
            try (trained) {
                JsonNode ready = trained.awaitReady(START);
                try (Launch partner = sidecar(mesh, TrainingMesh.PARTNER)) {
                    work(mesh, ready, partner.awaitReady(START));
                }
            }
            int exit = trained.stop();
            if (exit != 0) {
                throw new CliException("training: the sidecar ended with " + exit + " (expected: 0)");
            }
            return 0;
        } finally {
            application.stop(0);
            delete(folder);
        }
    }

    private static Launch sidecar(TrainingMesh mesh, String service) throws CliException {
        return Launch.start(
                mesh.folder().resolve(service + ".log"),
                "proxy",
                List.of("--config", mesh.config(service).toString()));
    }

    private void work(TrainingMesh mesh, JsonNode ready, JsonNode partner)
            throws CliException, IOException, InterruptedException {
        invocation.say("training: " + REQUESTS + " requests, at most " + WORK_MAX.toSeconds() + " s …");
        try (Exercise exercise = new Exercise(mesh, ready, partner)) {
            Load load = Load.start(exercise::next, PACE);
            long deadline = System.nanoTime() + WORK_MAX.toNanos();
            while (load.result().sent() < REQUESTS && System.nanoTime() < deadline) {
                Thread.sleep(100);
            }
            load.stop();
            exercise.readPages();
            Load.Result result = load.result();
            // A busy sidecar sheds, which is its work too; more than that would train the paths of failure.
            if (result.failed() * FAILED_SHARE > result.sent()) {
                throw new CliException("training: " + result.failed() + " of " + result.sent()
                        + " requests failed (expected: at most one in " + FAILED_SHARE + "), first: "
                        + result.firstFailure().orElse("unknown"));
            }
            if (result.sent() < REQUESTS) {
                invocation.say("training: " + result.sent() + " requests (expected: " + REQUESTS
                        + "; the machine is busy, a cache made on a quiet one warms up sooner)");
            }
        }
    }

    private static HttpServer application() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        byte[] answer = "x".repeat(1000).getBytes(StandardCharsets.US_ASCII);
        server.createContext("/", exchange -> {
            exchange.getRequestBody().readAllBytes();
            exchange.sendResponseHeaders(200, answer.length);
            exchange.getResponseBody().write(answer);
            exchange.close();
        });
        server.start();
        return server;
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        }
    }
}
