package dev.sallyport.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;

/** The raw figures of one run of one command, as it wrote them. */
record RawFigures(JsonNode json) {
    private static final ObjectMapper JSON = new ObjectMapper();

    /** One figure of a configuration over the rounds. */
    record Spread(double median, double least, double greatest) {}

    /** {@code FOLDER/BENCHMARK.json}; empty when there is none. */
    static Optional<RawFigures> read(Path folder, String benchmark) throws IOException {
        Path file = folder.resolve(benchmark + ".json");
        return Files.isRegularFile(file) ? Optional.of(new RawFigures(JSON.readTree(file.toFile()))) : Optional.empty();
    }

    /** Whether the command was told to be quick: its figures are for wide margins only. */
    boolean quick() {
        return words().contains("--quick");
    }

    /** Of the command. */
    List<String> words() {
        return texts(json.path("command"));
    }

    /** Configurations that the machine had no program for. */
    List<String> leftOut() {
        return texts(json.path("leftOut"));
    }

    /** The names of all figures, in their order. */
    List<String> figures() {
        return List.copyOf(
                json.path("summary").propertyStream().map(Map.Entry::getKey).toList());
    }

    boolean has(String figure) {
        return json.path("summary").has(figure);
    }

    /** Empty when the configuration was not measured, or has no such figure. */
    Optional<Spread> spread(String figure, String configuration) {
        JsonNode found = json.path("summary").path(figure).path(configuration);
        return Optional.of(found)
                .filter(node -> node.has("median"))
                .map(node -> new Spread(
                        node.path("median").asDouble(),
                        node.path("least").asDouble(),
                        node.path("greatest").asDouble()));
    }

    /** All that have a figure whose name begins so, in the order in which they were measured first. */
    Set<String> configurations(String prefix) {
        Set<String> measured = new LinkedHashSet<>();
        json.path("summary").properties().stream()
                .filter(figure -> figure.getKey().startsWith(prefix))
                .forEach(figure -> figure.getValue().properties().stream()
                        .filter(entry -> entry.getValue().isObject())
                        .forEach(entry -> measured.add(entry.getKey())));
        return measured;
    }

    /** Whether the configuration could not hold the load that the figure's name begins with. */
    boolean overloaded(String figure, String configuration) {
        return json.path("overload").properties().stream()
                .filter(load -> figure.startsWith(load.getKey() + " "))
                .anyMatch(load -> texts(load.getValue()).contains(configuration));
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        StreamSupport.stream(array.spliterator(), false).forEach(node -> texts.add(node.asText()));
        return List.copyOf(texts);
    }
}
