package dev.sallyport.proxy.testing;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;

/**
 * Real counterparts of the sidecar, as binaries of this machine. A test whose peer is missing is skipped and says how to get it; under {@code -Ppeers} it is built once, into
 * {@code ~/.cache/sallyport-peers}.
 */
public final class Peers {
    private static final String OPA = "github.com/open-policy-agent/opa@v1.22.2";
    private static final long BUILD_MINUTES_MAX = 15;

    private Peers() {}

    /** By {@code -Dsallyport.opa}, by {@code SALLYPORT_OPA}, on the PATH, or in the cache. */
    public static Path opa() throws IOException, InterruptedException {
        Optional<Path> named = Optional.ofNullable(System.getProperty("sallyport.opa"))
                .or(() -> Optional.ofNullable(System.getenv("SALLYPORT_OPA")))
                .map(Path::of);
        if (named.isPresent()) { // Whoever names one wants that one.
            if (!Files.isExecutable(named.get())) {
                throw new IOException("sallyport.opa: " + named.get() + " (expected: an executable file)");
            }
            return named.get();
        }
        Path cached = cache().resolve("opa");
        Optional<Path> found = onPath("opa").or(() -> Optional.of(cached).filter(Files::isExecutable));
        if (found.isPresent()) {
            return found.get();
        }
        if (!Boolean.getBoolean("sallyport.peers")) {
            return skip("no OPA: GOBIN=~/.cache/sallyport-peers go install " + OPA + ", or name one in SALLYPORT_OPA");
        }
        build(onPath("go").orElseGet(() -> skip("no OPA, and no go on the PATH that could build " + OPA)), OPA);
        return cached;
    }

    private static Path cache() {
        return Path.of(System.getProperty("user.home"), ".cache", "sallyport-peers");
    }

    private static Optional<Path> onPath(String name) {
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        return Stream.of(path.split(File.pathSeparator, -1))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, name))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static void build(Path go, String module) throws IOException, InterruptedException {
        Path log = Files.createTempFile("go-install", ".log");
        System.err.println("building " + module + " into " + cache() + ", some minutes; its output: " + log);
        ProcessBuilder install = new ProcessBuilder(go.toString(), "install", module)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        install.environment().put("GOBIN", cache().toString());
        Process building = install.start();
        if (!building.waitFor(BUILD_MINUTES_MAX, TimeUnit.MINUTES)) {
            building.destroyForcibly();
            throw new IOException("go install " + module + ": more than " + BUILD_MINUTES_MAX + " min; see " + log);
        }
        if (building.exitValue() != 0) {
            throw new IOException("go install " + module + ": exit " + building.exitValue() + "; see " + log);
        }
    }

    private static Path skip(String reason) {
        System.err.println("skipped: " + reason);
        return Assumptions.abort(reason);
    }
}
