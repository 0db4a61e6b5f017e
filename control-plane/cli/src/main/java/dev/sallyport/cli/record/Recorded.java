package dev.sallyport.cli.record;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditReader.StoredRecord;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** A stored record by the meaning of its fields; what it does not hold is empty. */
record Recorded(StoredRecord stored) {
    private static final BigInteger NANOS = BigInteger.valueOf(1_000_000_000);

    Optional<String> text(String field) {
        return Optional.ofNullable(stored.fields().get(field)).map(Object::toString);
    }

    long number(String field, long absent) {
        return stored.fields().get(field) instanceof Long number ? number : absent;
    }

    List<String> texts(String field) {
        return stored.fields().get(field) instanceof List<?> list
                ? list.stream().map(Object::toString).toList()
                : List.of();
    }

    /** An object of texts, by name: claims, answers of OPA. */
    Map<String, String> map(String field) {
        Map<String, String> texts = new TreeMap<>();
        if (stored.fields().get(field) instanceof Map<?, ?> map) {
            map.forEach((name, value) -> texts.put(String.valueOf(name), String.valueOf(value)));
        }
        return texts;
    }

    /** What a rule read, by its name in the policy's inputs ({@code header.x-tenant}): every value, in order. Empty when it is not in the clear on this record. */
    Optional<List<String>> input(String name) {
        return stored.fields().get(AuditFields.INPUTS) instanceof Map<?, ?> map
                        && map.get(name) instanceof List<?> values
                ? Optional.of(values.stream().map(Object::toString).toList())
                : Optional.empty();
    }

    /** The names of all that {@link #input} has. */
    Set<String> inputs() {
        return stored.fields().get(AuditFields.INPUTS) instanceof Map<?, ?> map
                ? map.keySet().stream().map(Object::toString).collect(Collectors.toCollection(TreeSet::new))
                : Set.of();
    }

    /** Whether the sidecar wrote down what it was about to do, and no end of it. */
    boolean intent() {
        return stored.intent();
    }

    /** On disk: nanoseconds since 1970 in decimal. */
    Instant time() {
        BigInteger[] time = new BigInteger(text(AuditFields.TIMESTAMP).orElse("0")).divideAndRemainder(NANOS);
        return Instant.ofEpochSecond(time[0].longValueExact(), time[1].longValueExact());
    }

    /** {@code inbound}, {@code outbound}, {@code connection}. */
    String direction() {
        return text(AuditFields.DIRECTION).orElse("");
    }

    boolean inbound() {
        return direction().equals("inbound");
    }

    /** {@code allow}, {@code deny}, {@code error}. */
    String verdict() {
        return text(AuditFields.DECISION).orElse("error");
    }

    String reason() {
        return text(AuditFields.REASON).orElse("none");
    }

    /** Of the sidecar that wrote it: its log is in {@code audit} there. */
    Optional<Path> stateFolder() {
        return Optional.ofNullable(stored.file().toAbsolutePath().getParent()).map(Path::getParent);
    }
}
