package dev.sallyport.contract;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads one JSON object strictly: each accessor consumes a field and fails, naming its path, when it is missing or of another type; {@link #done} fails for fields that nobody
 * asked for. Repeated fields, trailing bytes and deep nesting never get that far. One thread.
 */
final class JsonObject {
    /** Of every message; another one is another protocol. */
    static final long VERSION = 1;

    private final String path;
    private final Map<String, Object> values;
    private final Set<String> read = new HashSet<>();

    private JsonObject(String path, Map<String, Object> values) {
        this.path = path;
        this.values = values;
    }

    /** {@code what} names the message in errors. */
    static JsonObject parse(String what, byte[] json, int bytesMax) throws InvalidMessageException {
        return new JsonObject(what, JsonTree.read(what, json, bytesMax));
    }

    /** Consumes {@code v}. */
    JsonObject version() throws InvalidMessageException {
        long version = number("v");
        if (version != VERSION) {
            throw wrong("v", version, String.valueOf(VERSION));
        }
        return this;
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    String text(String name) throws InvalidMessageException {
        return get(name, String.class);
    }

    /** Of whatever type. */
    Object any(String name) throws InvalidMessageException {
        return get(name, Object.class);
    }

    Optional<String> optionalText(String name) throws InvalidMessageException {
        return has(name) ? Optional.of(text(name)) : Optional.empty();
    }

    long number(String name) throws InvalidMessageException {
        return get(name, Long.class);
    }

    /** A number of at least {@code min}. */
    long number(String name, long min) throws InvalidMessageException {
        long number = number(name);
        if (number < min) {
            throw wrong(name, number, "at least " + min);
        }
        return number;
    }

    /** ISO-8601 in UTC, in the one spelling that {@link Instant#toString} has. */
    Instant instant(String name) throws InvalidMessageException {
        String text = text(name);
        try {
            Instant instant = Instant.parse(text);
            if (instant.toString().equals(text)) {
                return instant;
            }
        } catch (DateTimeException e) {
            // Falls through to the refusal.
        }
        throw wrong(name, JsonTree.shown(text), "a time such as 2026-01-31T10:00:00Z");
    }

    SpiffeId spiffeId(String name) throws InvalidMessageException {
        return spiffeId(name, text(name));
    }

    HostPort hostPort(String name) throws InvalidMessageException {
        return hostPort(name, text(name));
    }

    List<String> texts(String name) throws InvalidMessageException {
        List<String> texts = new ArrayList<>();
        for (Object item : get(name, List.class)) {
            if (!(item instanceof String text)) {
                throw wrong(name, "another type", "a list of texts");
            }
            texts.add(text);
        }
        return List.copyOf(texts);
    }

    List<SpiffeId> spiffeIds(String name) throws InvalidMessageException {
        List<SpiffeId> ids = new ArrayList<>();
        for (String text : texts(name)) {
            ids.add(spiffeId(name, text));
        }
        return List.copyOf(ids);
    }

    List<HostPort> hostPorts(String name) throws InvalidMessageException {
        List<HostPort> addresses = new ArrayList<>();
        for (String text : texts(name)) {
            addresses.add(hostPort(name, text));
        }
        return List.copyOf(addresses);
    }

    JsonObject object(String name) throws InvalidMessageException {
        return of(path + "." + name, get(name, Map.class));
    }

    List<JsonObject> objects(String name) throws InvalidMessageException {
        List<JsonObject> objects = new ArrayList<>();
        for (Object item : get(name, List.class)) {
            if (!(item instanceof Map<?, ?> fields)) {
                throw wrong(name, "another type", "a list of objects");
            }
            objects.add(of(path + "." + name + "[" + objects.size() + "]", fields));
        }
        return List.copyOf(objects);
    }

    /** The names of an object that maps names to values. */
    Set<String> names() {
        return Set.copyOf(values.keySet());
    }

    void done() throws InvalidMessageException {
        for (String name : values.keySet()) {
            if (!read.contains(name)) {
                throw new InvalidMessageException(path + "." + JsonTree.shown(name) + ": unknown field");
            }
        }
    }

    // JsonTree makes maps with text names only.
    @SuppressWarnings("unchecked")
    private static JsonObject of(String path, Map<?, ?> fields) {
        return new JsonObject(path, (Map<String, Object>) fields);
    }

    private <T> T get(String name, Class<T> type) throws InvalidMessageException {
        read.add(name);
        @Nullable Object value = values.get(name);
        if (value == null) {
            throw new InvalidMessageException(path + "." + JsonTree.shown(name) + ": missing");
        }
        if (!type.isInstance(value)) {
            throw wrong(name, "another type", expected(type));
        }
        return type.cast(value);
    }

    private static String expected(Class<?> type) {
        if (type == String.class) {
            return "text";
        }
        return type == Long.class ? "a whole number" : type == List.class ? "a list" : "an object";
    }

    private SpiffeId spiffeId(String name, String text) throws InvalidMessageException {
        try {
            return SpiffeId.parse(text);
        } catch (InvalidSpiffeIdException e) {
            throw new InvalidMessageException(path + "." + JsonTree.shown(name) + ": " + e.getMessage());
        }
    }

    private HostPort hostPort(String name, String text) throws InvalidMessageException {
        return HostPort.parse(text).orElseThrow(() -> wrong(name, JsonTree.shown(text), "host:port"));
    }

    InvalidMessageException wrong(String name, Object value, String expected) {
        return new InvalidMessageException(
                path + "." + JsonTree.shown(name) + ": " + value + " (expected: " + expected + ")");
    }
}
