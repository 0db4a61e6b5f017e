package dev.sallyport.benchmarks.report;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.StreamSupport;
import java.util.zip.DataFormatException;
import org.HdrHistogram.Histogram;

/** The raw figures of one run of one command, as it wrote them. */
record RawFigures(JsonNode json) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int DIGITS = 3;

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

    /** Whether other programs disturbed the load that the figure's name begins with, in any round. */
    boolean noisy(String figure, String configuration) {
        return json.path("rounds")
                .valueStream()
                .flatMap(round ->
                        round.path("configurations").path(configuration).propertyStream())
                .filter(load -> figure.startsWith(load.getKey() + " "))
                .anyMatch(load -> load.getValue().path("noise").has("noisy"));
    }

    /** Of a configuration under a load in all rounds, in nanoseconds. */
    Optional<Histogram> latencies(String configuration, String load) {
        Histogram all = new Histogram(DIGITS);
        json.path("rounds")
                .valueStream()
                .map(round -> round.path("configurations")
                        .path(configuration)
                        .path(load)
                        .path("histogram"))
                .filter(JsonNode::isTextual)
                .forEach(encoded -> all.add(decoded(encoded.asText())));
        return Optional.of(all).filter(found -> found.getTotalCount() > 0);
    }

    private static Histogram decoded(String base64) {
        try {
            return Histogram.decodeFromCompressedByteBuffer(
                    ByteBuffer.wrap(Base64.getDecoder().decode(base64)), 0);
        } catch (DataFormatException e) {
            throw new IllegalStateException("a histogram that is none of HdrHistogram's", e);
        }
    }

    /** How a figure grows; {@code series} by configuration. */
    record Curve(String name, String x, String y, boolean logX, boolean logY, Map<String, Charts.Line> series) {}

    List<Curve> curves() {
        return json.path("curves")
                .propertyStream()
                .map(entry -> curve(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static Curve curve(String name, JsonNode json) {
        Map<String, Charts.Line> series = new LinkedHashMap<>();
        json.path("series").properties().forEach(entry -> {
            List<Double> x = new ArrayList<>();
            List<Double> y = new ArrayList<>();
            entry.getValue().forEach(point -> {
                x.add(point.path(0).asDouble());
                y.add(point.path(1).asDouble());
            });
            series.put(entry.getKey(), new Charts.Line(x, y));
        });
        return new Curve(
                name,
                json.path("x").asText(),
                json.path("y").asText(),
                json.path("logX").asBoolean(),
                json.path("logY").asBoolean(),
                series);
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        StreamSupport.stream(array.spliterator(), false).forEach(node -> texts.add(node.asText()));
        return List.copyOf(texts);
    }
}
