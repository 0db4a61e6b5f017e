package dev.sallyport.document;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/**
 * Reads one mapping strictly: each accessor consumes a key and adds a problem when it is missing or not of the form; {@link #done} adds one for every key that nobody asked for,
 * naming the nearest known one. After a problem an accessor returns a harmless default, so that reading goes on and every problem is found. One thread.
 */
public final class Fields {
    private final Node.Mapping mapping;
    private final String path;
    private final Problems problems;
    /** There is no mapping, which is a problem already: its missing keys are none. */
    private final boolean absent;

    private final Set<String> known = new LinkedHashSet<>();
    private final Set<String> later = new HashSet<>();

    private Fields(Node.Mapping mapping, String path, Problems problems, boolean absent) {
        this.mapping = mapping;
        this.path = path;
        this.problems = problems;
        this.absent = absent;
    }

    /** An empty one, with a problem, when {@code node} is not a mapping. {@code path} is "" at the root. */
    public static Fields of(Node node, String path, Problems problems) {
        if (node instanceof Node.Mapping mapping) {
            return new Fields(mapping, path, problems, false);
        }
        problems.add(node.location(), path, Code.FORM, node.form() + " (expected: a mapping, key: value)");
        return absent(node.location(), path, problems);
    }

    private static Fields absent(Location location, String path, Problems problems) {
        return new Fields(new Node.Mapping(location, new LinkedHashMap<>()), path, problems, true);
    }

    /** Where the mapping begins. */
    public Location location() {
        return mapping.location();
    }

    /** Where the value of {@code key} stands, or the mapping itself when it is absent. */
    public Location location(String key) {
        Node.Entry entry = mapping.entries().get(key);
        return entry == null ? mapping.location() : entry.value().location();
    }

    /** {@code spec.routes.charge}; "" at the root. */
    public String path() {
        return path;
    }

    /** {@code spec.routes.charge.match}: the path of one key. */
    public String path(String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    /** {@code text}, which was read from {@code key}, with its place. */
    public Text placed(String key, String text) {
        return new Text(location(key), path(key), text);
    }

    /** Where this one's problems go. */
    public Problems problems() {
        return problems;
    }

    /** Adds a problem at the value of {@code key}. */
    public void problem(String key, String code, String message) {
        problems.add(location(key), path(key), code, message);
    }

    /** Whether the key is written, whatever its value. Consumes nothing. */
    public boolean has(String key) {
        return mapping.entries().containsKey(key);
    }

    /** Required, not empty. */
    public String text(String key) {
        Optional<Node> node = node(key);
        if (node.isEmpty()) {
            missing(key, "a text");
        }
        return node.flatMap(value -> Scalars.text(value, path(key), problems)).orElse("");
    }

    /** Empty when absent; present but empty is a problem. */
    public Optional<String> optionalText(String key) {
        return node(key).flatMap(value -> Scalars.text(value, path(key), problems));
    }

    /** One of {@code allowed}; {@code fallback} null means required. */
    public String oneOf(String key, @Nullable String fallback, String... allowed) {
        Optional<Node> node = node(key);
        if (node.isEmpty()) {
            if (fallback == null) {
                missing(key, String.join(" | ", allowed));
            }
            return fallback == null ? allowed[0] : fallback;
        }
        Optional<String> text = Scalars.text(node.get(), path(key), problems);
        if (text.isPresent() && !List.of(allowed).contains(text.get())) {
            problem(key, Code.VALUE, text.get() + " (expected: " + String.join(" | ", allowed) + ")");
            return allowed[0];
        }
        return text.orElse(allowed[0]);
    }

    /** A decimal number of {@code min..max}; {@code fallback} when absent. */
    public int integer(String key, int fallback, int min, int max) {
        return scalar(key, text -> Scalars.integer(text, min, max), min + ".." + max)
                .orElse(fallback);
    }

    /** {@code true} or {@code false}; nothing else is a boolean. */
    public boolean bool(String key, boolean fallback) {
        return scalar(key, Scalars::bool, "true | false").orElse(fallback);
    }

    /** {@code 250ms}, {@code 30s}, {@code 5m}, {@code 24h}, {@code 7d}. */
    public Duration duration(String key, Duration fallback, Duration min, Duration max) {
        return optionalDuration(key, min, max).orElse(fallback);
    }

    /** As {@link #duration}, empty when absent. */
    public Optional<Duration> optionalDuration(String key, Duration min, Duration max) {
        String range = Scalars.write(min) + ".." + Scalars.write(max) + ", as 250ms, 30s, 5m, 24h or 7d";
        return scalar(key, text -> Scalars.duration(text, min, max), range);
    }

    /** {@code 2027-03-31}, which is its beginning, 00:00 UTC, or {@code 2027-03-31T12:00:00Z}. Empty when absent. */
    public Optional<Instant> instant(String key) {
        return scalar(key, Scalars::instant, "a date or an instant in UTC, as 2027-03-31 or 2027-03-31T12:00:00Z");
    }

    /** {@code host:port}; port 0 only when {@code zeroPort}. Empty when absent. */
    public Optional<HostPort> hostPort(String key, boolean zeroPort) {
        String form = zeroPort ? "host:port, port 0 picks a free one" : "host:port, port 1..65535";
        return scalar(key, text -> HostPort.parse(text).filter(to -> zeroPort || to.port() > 0), form);
    }

    /** A non-empty list of non-empty texts; one text stands for a list of one. Required. */
    public List<String> texts(String key) {
        return placedTexts(key).stream().map(Text::text).toList();
    }

    /** As {@link #texts}, each with its place. */
    public List<Text> placedTexts(String key) {
        if (!has(key)) {
            missing(key, "a list of texts, [a, b]");
        }
        return optionalPlacedTexts(key);
    }

    /** As {@link #texts}, empty list when absent; present but empty is a problem. */
    public List<String> optionalTexts(String key) {
        return optionalPlacedTexts(key).stream().map(Text::text).toList();
    }

    /** As {@link #optionalTexts}, each with its place. */
    public List<Text> optionalPlacedTexts(String key) {
        return node(key).map(value -> Scalars.texts(value, path(key), problems)).orElse(List.of());
    }

    /** A sub-mapping; an empty one with a problem when absent. */
    public Fields fields(String key) {
        Optional<Fields> fields = optionalFields(key);
        if (fields.isEmpty()) {
            missing(key, "a mapping, key: value");
        }
        return fields.orElseGet(() -> absent(location(), path(key), problems));
    }

    /** Empty when absent; anything but a mapping is a problem. */
    public Optional<Fields> optionalFields(String key) {
        return node(key).map(value -> of(value, path(key), problems));
    }

    /** A mapping of names to mappings, in the order of the text; present but empty is a problem; empty map when absent. */
    public Map<String, Fields> named(String key) {
        return entries(key, (name, value) -> Optional.of(of(value, path(key) + "." + name, problems)));
    }

    /** A mapping of names to texts (scalars); present but empty is a problem; empty map when absent. */
    public Map<String, String> namedTexts(String key) {
        return entries(key, (name, value) -> Scalars.text(value, path(key) + "." + name, problems));
    }

    /** A mapping of names to {@link #texts}, each with its place; present but empty is a problem; empty map when absent. */
    public Map<String, List<Text>> namedTextLists(String key) {
        return entries(key, (name, value) -> Optional.of(Scalars.texts(value, path(key) + "." + name, problems)));
    }

    /** The raw value, for forms that differ ({@code user: none} or a mapping). Consumes the key. */
    public Optional<Node> node(String key) {
        known.add(key);
        return Optional.ofNullable(mapping.entries().get(key)).map(Node.Entry::value);
    }

    /** Adds a problem that {@code key} is missing, and what is expected there; for keys read by {@link #node}. */
    public void missing(String key, String expected) {
        if (!absent) {
            problems.add(location(), path(key), Code.MISSING, "missing (expected: " + expected + ")");
        }
    }

    /** Refuses keys that a later version will know, in words that say so. */
    public void later(String... keys) {
        for (String key : keys) {
            if (has(key)) {
                problem(key, Code.LATER, "not in this version of Sallyport (expected: no " + key + ")");
                later.add(key);
            }
        }
    }

    /** Adds a problem for each key that was not consumed. */
    public void done() {
        mapping.entries().forEach((key, entry) -> {
            if (!known.contains(key) && !later.contains(key)) {
                problems.add(entry.keyLocation(), path(key), Code.UNKNOWN_KEY, Nearest.unknown(key, known));
            }
        });
    }

    private <T> Optional<T> scalar(String key, Scalars.Form<T> form, String expected) {
        return node(key)
                .flatMap(value -> Scalars.text(value, path(key), problems))
                .flatMap(text -> {
                    Optional<T> read = form.read(text);
                    if (read.isEmpty()) {
                        problem(key, Code.VALUE, text + " (expected: " + expected + ")");
                    }
                    return read;
                });
    }

    private <T> Map<String, T> entries(String key, BiFunction<String, Node, Optional<T>> read) {
        Optional<Node> node = node(key);
        if (node.isEmpty()) {
            return Map.of();
        }
        Map<String, T> named = new LinkedHashMap<>();
        Fields fields = of(node.get(), path(key), problems);
        if (!fields.absent && fields.mapping.entries().isEmpty()) {
            problem(key, Code.FORM, "empty (expected: at least one name: value, or no " + key + ")");
        }
        List<Map.Entry<String, Node.Entry>> all =
                new ArrayList<>(fields.mapping.entries().entrySet());
        all.forEach(entry -> read.apply(entry.getKey(), entry.getValue().value())
                .ifPresent(value -> named.put(entry.getKey(), value)));
        return Collections.unmodifiableMap(named);
    }
}
