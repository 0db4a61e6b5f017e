package dev.sallyport.cli.check;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A page of metrics in Prometheus' text format 0.0.4, as far as checks read it; what is no sample is passed over. */
record Samples(List<Sample> all) {
    private static final Pattern LINE =
            Pattern.compile("([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\\{(.*)})? ([-+0-9.eEInfNa]+)(?: -?[0-9]+)?");
    private static final Pattern LABEL = Pattern.compile("([a-zA-Z_][a-zA-Z0-9_]*)=\"((?:[^\"\\\\]|\\\\.)*)\"");

    /** One series' value. */
    record Sample(String name, Map<String, String> labels, double value) {
        String label(String name) {
            return labels.getOrDefault(name, "");
        }
    }

    static Samples parse(String page) {
        List<Sample> all = new ArrayList<>();
        page.lines().forEach(line -> {
            Matcher matcher = LINE.matcher(line);
            if (!line.startsWith("#") && matcher.matches()) {
                try {
                    double value = Double.parseDouble(matcher.group(3).replace("Inf", "Infinity"));
                    all.add(new Sample(matcher.group(1), labels(matcher.group(2)), value));
                } catch (NumberFormatException e) {
                    // No sample.
                }
            }
        });
        return new Samples(List.copyOf(all));
    }

    private static Map<String, String> labels(@Nullable String text) {
        Map<String, String> labels = new HashMap<>();
        if (text != null) {
            LABEL.matcher(text)
                    .results()
                    .forEach(label -> labels.put(
                            label.group(1),
                            label.group(2)
                                    .replace("\\n", "\n")
                                    .replace("\\\"", "\"")
                                    .replace("\\\\", "\\")));
        }
        return labels;
    }

    Stream<Sample> of(String name) {
        return all.stream().filter(sample -> sample.name().equals(name));
    }

    /** The first one's. */
    OptionalDouble value(String name) {
        return of(name).mapToDouble(Sample::value).findFirst();
    }

    /** Over those whose label {@code label} is {@code value}. */
    double sum(String name, String label, String value) {
        return of(name).filter(sample -> sample.label(label).equals(value))
                .mapToDouble(Sample::value)
                .sum();
    }
}
