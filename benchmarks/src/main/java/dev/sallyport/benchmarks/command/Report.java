package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
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

    /** The rounds' raw figures. */
    static void rounds(ObjectNode report, List<? extends Round> rounds) {
        ArrayNode array = report.putArray("rounds");
        rounds.forEach(round -> round.describe(array.addObject()));
    }

    /** Below a table: how far to trust each round. */
    static void printNoise(List<? extends Round> rounds) {
        for (int i = 0; i < rounds.size(); i++) {
            Round round = rounds.get(i);
            System.out.println("noise, round " + (i + 1) + ": " + round.noise().text(round.order()));
        }
    }

    /** All of a run that compares configurations in one table: {@code head} stands above it. */
    static <R extends Round> void publish(
            Path file, ObjectNode report, String head, List<R> rounds, Comparison<R> comparison) throws IOException {
        rounds(report, rounds);
        comparison.describe(report.putObject("summary"));
        System.out.println(head);
        comparison.table().forEach(System.out::println);
        printNoise(rounds);
        write(file, report);
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
