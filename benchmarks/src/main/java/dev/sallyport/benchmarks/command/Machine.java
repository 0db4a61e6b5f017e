package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What one must know of a machine and its programs to read figures that were measured on it. */
final class Machine {
    private static final Path GOVERNOR = Path.of("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor");

    private Machine() {}

    static void describe(ObjectNode json) {
        json.put("kernel", System.getProperty("os.version"))
                .put("architecture", System.getProperty("os.arch"))
                .put("cpu", field(Path.of("/proc/cpuinfo"), "model name"))
                .put("cpus", Runtime.getRuntime().availableProcessors())
                .put("memory", field(Path.of("/proc/meminfo"), "MemTotal"))
                .put("governor", line(GOVERNOR).orElse("unknown"));
    }

    static void versions(ObjectNode json) {
        json.put("sallyport", System.getProperty("sallyport.version", "unknown"))
                .put("commit", said("git", "-C", RunOptions.checkout().toString(), "describe", "--always", "--dirty"))
                .put("java", System.getProperty("java.vm.version"))
                .put("nginx", version("nginx", "-v"))
                .put("haproxy", version("haproxy", "-v"))
                .put("envoy", version("envoy", "--version"));
    }

    private static String version(String program, String flag) {
        return find(program).map(binary -> said(binary.toString(), flag)).orElse("none");
    }

    /** On the PATH, in the folders of system programs, or unpacked by pip where the bench looks for peers. */
    private static Optional<Path> find(String program) {
        List<Path> folders = new ArrayList<>();
        for (String folder :
                Optional.ofNullable(System.getenv("PATH")).orElse("").split(":")) {
            folders.add(Path.of(folder));
        }
        folders.add(Path.of("/usr/sbin"));
        folders.add(Path.of("/usr/local/sbin"));
        unpacked(folders);
        return folders.stream()
                .map(folder -> folder.resolve(program))
                .filter(Files::isExecutable)
                .filter(Files::isRegularFile)
                .findFirst();
    }

    private static void unpacked(List<Path> folders) {
        Path peers = Path.of(System.getProperty("user.home"), ".cache/sallyport-peers");
        try (DirectoryStream<Path> environments = Files.newDirectoryStream(peers, "envoy-*")) {
            for (Path environment : environments) {
                try (DirectoryStream<Path> libraries =
                        Files.newDirectoryStream(environment.resolve("lib"), "python3*")) {
                    libraries.forEach(library -> folders.add(library.resolve("site-packages/envoy/_bin")));
                }
            }
        } catch (IOException e) {
            // Nothing was unpacked there.
        }
    }

    private static String field(Path file, String name) {
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> line.startsWith(name))
                    .findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip())
                    .orElse("unknown");
        } catch (IOException e) {
            return "unknown";
        }
    }

    private static Optional<String> line(Path file) {
        try {
            return Files.readString(file).lines().findFirst();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The first line that a program says of itself, which is not empty. */
    private static String said(String... command) {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            String first = text.lines()
                    .filter(line -> !line.isBlank())
                    .findFirst()
                    .orElse("")
                    .strip();
            return process.waitFor() == 0 ? first : "unknown";
        } catch (IOException e) {
            return "unknown";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }
}
