package dev.sallyport.e2e;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Whom operators already run and we send to, as programs of this machine: with {@code -Ppeers} only. Who misses one skips its tests and says so once; {@code -Dsallyport.peers.build=true}
 * beside it builds it first, which takes minutes, once a user.
 */
enum Peer {
    JAEGER("jaeger", "1.76.0"),
    COLLECTOR("otelcol", "0.160.0"),
    LOKI("loki", "3.7.8");

    static final Path BUILD = Archive.checkout().resolve("deploy/e2e/peers/build");

    private final String command;
    private final String version;
    /** Each is told of once. */
    private static final Set<Peer> SAID = ConcurrentHashMap.newKeySet();

    Peer(String command, String version) {
        this.command = command;
        this.version = version;
    }

    /** By {@code -Dsallyport.NAME}, by {@code SALLYPORT_NAME}, on the PATH, or in {@code ~/.cache/sallyport-peers}; else, and without {@code -Ppeers}, the test that asks is skipped. */
    Path program() throws IOException, InterruptedException {
        return program(Boolean.getBoolean("sallyport.peers"));
    }

    /** {@code wanted}: peers are; otherwise it does not matter whether one is there, so that a plain build takes as long everywhere. */
    Path program(boolean wanted) throws IOException, InterruptedException {
        if (!wanted) {
            return skip("%s %s is asked with -Ppeers only".formatted(command, version));
        }
        String property = "sallyport." + command;
        Optional<Path> named = Optional.ofNullable(System.getProperty(property))
                .or(() -> Optional.ofNullable(
                        System.getenv(property.replace('.', '_').toUpperCase(Locale.ROOT))))
                .map(Path::of);
        if (named.isPresent()) { // Whoever names one wants that one.
            if (!Files.isExecutable(named.get())) {
                throw new IOException(property + ": " + named.get() + " (expected: an executable file)");
            }
            return named.get();
        }
        Path cached = Path.of(System.getProperty("user.home"), ".cache", "sallyport-peers")
                .resolve(command + "-" + version);
        Optional<Path> found = onPath(command).or(() -> Optional.of(cached).filter(Files::isExecutable));
        if (found.isPresent()) {
            return found.get();
        }
        if (!Boolean.getBoolean("sallyport.peers.build") || onPath("go").isEmpty()) {
            return skip("no %s %s: deploy/e2e/peers/build %s (needs go), or name one in SALLYPORT_%s"
                    .formatted(command, version, command, command.toUpperCase(Locale.ROOT)));
        }
        build();
        return cached;
    }

    private static Optional<Path> onPath(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.of(path.split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    /** Has limits and a log of its own, and says one line about each. */
    private void build() throws IOException, InterruptedException {
        int exit = new ProcessBuilder(List.of(BUILD.toString(), command))
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start()
                .waitFor();
        if (exit != 0) {
            throw new IOException(BUILD + " " + command + ": exit " + exit);
        }
    }

    private Path skip(String reason) {
        if (SAID.add(this)) {
            System.err.println("skipped: " + reason);
        }
        return Assumptions.abort(reason);
    }
}
