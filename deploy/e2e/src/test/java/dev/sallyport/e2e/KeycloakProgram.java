package dev.sallyport.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;

/**
 * Keycloak's published distribution, unpacked and augmented (Quarkus' build step, for the options that we start it with) once a user: that takes half a minute, a start from
 * {@code ~/.cache/sallyport-peers} ten seconds. What stands there under its final name is complete, and is never written again.
 */
final class KeycloakProgram {
    private static final String ZIP = "sallyport.keycloak"; // system property: where Maven put the distribution
    private static final long AUGMENT_MINUTES_MAX = 10;
    /** Exit code of a start that found other options built in, and has built these: it wants to be started again. */
    private static final int AUGMENTED = 10;

    private KeycloakProgram() {}

    /** A command that starts Keycloak from {@code home}, an empty folder that becomes its home: programs are shared, data is its own. */
    static ProcessBuilder at(Path home) throws IOException, InterruptedException {
        Files.createSymbolicLink(home.resolve("lib"), cached().resolve("lib"));
        return command(home);
    }

    private static Path cached() throws IOException, InterruptedException {
        Path zip = Path.of(System.getProperty(ZIP));
        String name = String.valueOf(zip.getFileName()).replaceAll("\\.zip$", "");
        Path cache = Files.createDirectories(Path.of(System.getProperty("user.home"), ".cache", "sallyport-peers"));
        Path complete = cache.resolve(name + "-dev-mem");
        if (!Files.exists(complete)) {
            Path part = Files.createTempDirectory(cache, name + ".part");
            try {
                unpack(zip, part);
                augment(part);
                Files.move(part, complete);
            } catch (FileSystemException e) {
                if (!Files.exists(complete)) { // else another run was faster, and its result is as good
                    throw e;
                }
            } finally {
                delete(part);
            }
        }
        return complete;
    }

    /** Only {@code lib}: what else is in the archive is for people. */
    private static void unpack(Path zip, Path folder) throws IOException {
        try (InputStream file = Files.newInputStream(zip);
                ZipInputStream entries = new ZipInputStream(file)) {
            for (ZipEntry entry = entries.getNextEntry(); entry != null; entry = entries.getNextEntry()) {
                Path name = Path.of(entry.getName());
                if (name.getNameCount() < 3 || !name.getName(1).toString().equals("lib") || entry.isDirectory()) {
                    continue;
                }
                Path target =
                        folder.resolve(name.subpath(1, name.getNameCount())).normalize();
                if (!target.startsWith(folder)) {
                    throw new IOException(zip + ": " + name + " leads out of it");
                }
                Files.createDirectories(target.resolveSibling("."));
                Files.copy(entries, target);
            }
        }
    }

    private static void augment(Path home) throws IOException, InterruptedException {
        Path log = home.resolve("augment.log");
        Process process = command(home).redirectOutput(log.toFile()).start();
        if (!process.waitFor(AUGMENT_MINUTES_MAX, TimeUnit.MINUTES) || process.exitValue() != AUGMENTED) {
            process.destroyForcibly().waitFor();
            throw new IOException("Keycloak was not augmented: " + Files.readString(log));
        }
    }

    /** What {@code kc.sh start-dev} runs, without the shell between us and the process, and with a compiler and a collector that start faster. */
    private static ProcessBuilder command(Path home) throws IOException {
        Files.createDirectories(home.resolve("conf"));
        Files.createDirectories(home.resolve("providers"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xms64m",
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-Djava.io.tmpdir=" + home,
                "-Dkc.home.dir=" + home,
                "-Djboss.server.config.dir=" + home.resolve("conf"),
                "-Djava.util.logging.manager=org.jboss.logmanager.LogManager",
                "-Dpicocli.disable.closures=true",
                "-Djava.util.concurrent.ForkJoinPool.common.threadFactory=io.quarkus.bootstrap.forkjoin.QuarkusForkJoinWorkerThreadFactory",
                "--enable-native-access=ALL-UNNAMED"));
        Stream.of("java.util", "java.util.concurrent", "java.security", "java.lang")
                .forEach(opened -> command.add("--add-opens=java.base/" + opened + "=ALL-UNNAMED"));
        command.addAll(List.of(
                "-cp",
                home.resolve("lib").resolve("quarkus-run.jar").toString(),
                "io.quarkus.bootstrap.runner.QuarkusEntryPoint",
                "start-dev",
                "--db=dev-mem",
                "--http-host=127.0.0.1",
                "--http-port=0",
                "--http-access-log-enabled=true"));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        // Keycloak takes every option from the environment, too.
        builder.environment().keySet().removeIf(name -> name.startsWith("KC_") || name.startsWith("QUARKUS_"));
        return builder;
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> files = Files.walk(folder)) {
                for (Path file :
                        files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                    Files.delete(file);
                }
            }
        }
    }
}
