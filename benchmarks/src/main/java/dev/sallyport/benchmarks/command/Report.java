package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
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
        Machine.versions(report.putObject("versions"));
        Machine.describe(report.putObject("machine"));
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
}
