package dev.sallyport.cli.record;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditReader.StoredRecord;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

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

    /** Declared claims that rules read, as text. */
    Map<String, String> claims() {
        Map<String, String> claims = new TreeMap<>();
        if (stored.fields().get(AuditFields.USER_CLAIMS) instanceof Map<?, ?> map) {
            map.forEach((name, value) -> claims.put(String.valueOf(name), String.valueOf(value)));
        }
        return claims;
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
