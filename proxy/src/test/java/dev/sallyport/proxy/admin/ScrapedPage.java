package dev.sallyport.proxy.admin;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** A page in Prometheus' text format or in OpenMetrics, read by the letter: a line that is neither a comment nor a sample is an error. */
public record ScrapedPage(List<Sample> samples) {
    /** Labels as they were before they were escaped. */
    public record Sample(String name, Map<String, String> labels, double value, Optional<String> exemplar) {}

    public static ScrapedPage parse(String page) {
        List<Sample> samples = new ArrayList<>();
        for (String line : page.split("\n", -1)) {
            if (!line.isEmpty() && !line.startsWith("# ")) {
                samples.add(new Line(line).sample());
            }
        }
        return new ScrapedPage(samples);
    }

    /** The samples of {@code name} that have {@code labels}: names and values in turn. */
    public List<Sample> of(String name, String... labels) {
        return samples.stream()
                .filter(sample -> sample.name.equals(name))
                .filter(sample -> {
                    for (int i = 0; i < labels.length; i += 2) {
                        if (!labels[i + 1].equals(sample.labels.get(labels[i]))) {
                            return false;
                        }
                    }
                    return true;
                })
                .toList();
    }

    public double sum(String name, String... labels) {
        return of(name, labels).stream().mapToDouble(Sample::value).sum();
    }

    private static final class Line {
        private final String text;
        private int at;

        Line(String text) {
            this.text = text;
        }

        Sample sample() {
            String name = word();
            Map<String, String> labels = new TreeMap<>();
            if (text.charAt(at) == '{') {
                do {
                    at++;
                    String label = word();
                    take("=\"");
                    if (labels.put(label, value()) != null) {
                        throw new IllegalArgumentException("twice " + label + ": " + text);
                    }
                } while (text.charAt(at) == ',');
                take("}");
            }
            take(" ");
            String rest = text.substring(at);
            int mark = rest.indexOf(" # ");
            String number = mark < 0 ? rest : rest.substring(0, mark);
            double value = number.equals("+Inf") ? Double.POSITIVE_INFINITY : Double.parseDouble(number);
            return new Sample(name, labels, value, mark < 0 ? Optional.empty() : Optional.of(rest.substring(mark + 3)));
        }

        private String word() {
            int from = at;
            while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || text.charAt(at) == '_')) {
                at++;
            }
            if (at == from) {
                throw new IllegalArgumentException("no name at " + at + ": " + text);
            }
            return text.substring(from, at);
        }

        private String value() {
            StringBuilder value = new StringBuilder();
            while (text.charAt(at) != '"') {
                char c = text.charAt(at++);
                if (c != '\\') {
                    value.append(c);
                    continue;
                }
                switch (text.charAt(at++)) {
                    case 'n' -> value.append('\n');
                    case '"' -> value.append('"');
                    case '\\' -> value.append('\\');
                    default -> throw new IllegalArgumentException("escape: " + text);
                }
            }
            at++;
            return value.toString();
        }

        private void take(String expected) {
            if (!text.startsWith(expected, at)) {
                throw new IllegalArgumentException("expected " + expected + " at " + at + ": " + text);
            }
            at += expected.length();
        }
    }
}
