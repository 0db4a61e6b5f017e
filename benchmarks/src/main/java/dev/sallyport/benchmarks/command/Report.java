package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.pair.NginxPair;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/** The raw figures of a run, with what one must know to read them: command, versions, machine. */
final class Report {
    private static final ObjectMapper JSON = new ObjectMapper();

    private Report() {}

    static ObjectNode begin(String benchmark, RunOptions options, Instant started, long seed, List<String> leftOut) {
        ObjectNode report = JSON.createObjectNode();
        report.put("benchmark", benchmark).put("started", started.toString()).put("seed", seed);
        report.set("command", JSON.valueToTree(options.words()));
        report.set("leftOut", JSON.valueToTree(leftOut));
        report.putObject("versions")
                .put("sallyport", System.getProperty("sallyport.version", "unknown"))
                .put("commit", said("git", "-C", RunOptions.checkout().toString(), "describe", "--always", "--dirty"))
                .put("java", System.getProperty("java.vm.version"))
                .put(
                        "nginx",
                        NginxPair.find()
                                .map(binary -> said(binary.toString(), "-v"))
                                .orElse("none"))
                .put("kernel", System.getProperty("os.version"))
                .put("architecture", System.getProperty("os.arch"))
                .put("cpus", Runtime.getRuntime().availableProcessors());
        return report;
    }

    /** For the line above a table. */
    static String leftOut(List<String> names) {
        return names.isEmpty() ? "" : "; left out: " + String.join(", ", names);
    }

    static void write(Path file, ObjectNode report) throws IOException {
        Files.writeString(file, JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
        Bench.say("raw figures: " + file);
    }

    /** The first line that a program says of itself. */
    private static String said(String... command) {
        try {
            Process process = new ProcessBuilder(List.of(command))
                    .redirectErrorStream(true)
                    .start();
            String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? text.lines().findFirst().orElse("") : "unknown";
        } catch (IOException e) {
            return "unknown";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "unknown";
        }
    }
}
