package dev.sallyport.authority.vault;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What Vault answered when it did what was asked: {@code data} of the JSON, {@code auth} of a login, and {@code warnings}, by which it says what it did otherwise than asked (a
 * {@code ttl} that was cut). Values are String, Long, Double, Boolean, List and Map.
 */
public record VaultAnswer(int status, Map<String, Object> data, Map<String, Object> auth, List<String> warnings) {
    public VaultAnswer {
        data = Collections.unmodifiableMap(new LinkedHashMap<>(data));
        auth = Collections.unmodifiableMap(new LinkedHashMap<>(auth));
        warnings = List.copyOf(warnings);
    }

    /** A text of {@code data}; empty when it is absent, empty or no text. */
    public Optional<String> text(String key) {
        return data.get(key) instanceof String text && !text.isEmpty() ? Optional.of(text) : Optional.empty();
    }

    /** A list of texts of {@code data}; empty when it is absent. */
    public List<String> texts(String key) {
        return data.get(key) instanceof List<?> list
                ? list.stream().map(String::valueOf).toList()
                : List.of();
    }

    /** A whole number of {@code data}. */
    public Optional<Long> number(String key) {
        return data.get(key) instanceof Long number ? Optional.of(number) : Optional.empty();
    }

    /** A boolean of {@code data}. */
    public Optional<Boolean> bool(String key) {
        return data.get(key) instanceof Boolean value ? Optional.of(value) : Optional.empty();
    }

    /** Names only: values may be tokens, secret ids or keys. */
    @Override
    public String toString() {
        return "vault answer " + status + " data" + data.keySet() + " auth" + auth.keySet();
    }
}
