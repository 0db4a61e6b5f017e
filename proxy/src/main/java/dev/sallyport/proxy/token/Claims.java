package dev.sallyport.proxy.token;

import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.User;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** From a verified payload to a {@link User}: roles and scopes where the Mesh says they are, declared claims with their declared type, nothing else. */
final class Claims {
    private Claims() {}

    static User user(
            Mesh.Issuer issuer, String subject, Map<String, Object> payload, Instant issuedAt, Instant expiresAt) {
        Map<String, Object> declared = new HashMap<>();
        issuer.claims()
                .forEach((name, type) -> at(payload, name)
                        .flatMap(value -> typed(value, type))
                        .ifPresent(value -> declared.put(name, value)));
        return new User(
                issuer.name(),
                subject,
                texts(at(payload, issuer.roles())),
                texts(at(payload, issuer.scopes())),
                declared,
                issuedAt,
                expiresAt);
    }

    /** A claim whose whole name it is ({@code https://shop.example/roles}), else a path of names separated by dots ({@code realm_access.roles}). */
    private static Optional<Object> at(Map<String, Object> payload, String path) {
        Object whole = payload.get(path);
        if (whole != null) {
            return Optional.of(whole);
        }
        Optional<Object> value = Optional.of(payload);
        for (String name : path.split("\\.", 16)) {
            value = value.filter(Map.class::isInstance).map(object -> ((Map<?, ?>) object).get(name));
        }
        return value;
    }

    /** An array of strings, or words separated by spaces (RFC 8693 section 4.2); anything else is nobody's role. */
    private static List<String> texts(Optional<Object> value) {
        return switch (value.orElse("")) {
            // Only U+0020 parts words (RFC 6749 section 3.3): to strip other blanks would make another word of one.
            case String words ->
                Arrays.stream(words.split(" +", 256))
                        .filter(word -> !word.isEmpty())
                        .toList();
            case List<?> list
            when list.stream().allMatch(String.class::isInstance) ->
                list.stream().map(String.class::cast).toList();
            default -> List.of();
        };
    }

    private static Optional<Object> typed(Object value, Mesh.ClaimType type) {
        boolean fits = switch (type) {
            case STRING -> value instanceof String;
            case BOOL -> value instanceof Boolean;
            case INT -> value instanceof Long;
            case STRINGS -> value instanceof List<?> list && list.stream().allMatch(String.class::isInstance);
        };
        return fits ? Optional.of(value instanceof List<?> list ? List.copyOf(list) : value) : Optional.empty();
    }
}
