package dev.sallyport.demo;

import com.nimbusds.jose.util.JSONObjectUtils;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What somebody asks of the issuer. {@code life} may be negative: how else would one see an expired token refused? */
record TokenRequest(
        String subject, List<String> roles, Optional<String> audience, Duration life, Map<String, Object> claims) {
    static final Duration LIFE = Duration.ofMinutes(5);
    private static final long LIFE_SECONDS_MAX = 24 * 3600;

    /** Not a request for a token; its message goes to the caller. */
    static final class InvalidException extends Exception {
        private static final long serialVersionUID = 1;

        private final String problem;

        InvalidException(String problem) {
            super(problem);
            this.problem = problem;
        }

        String problem() {
            return problem;
        }
    }

    /** <code>{"sub":"alice","roles":["customer"],"expiresIn":300,"claims":{"dept":"payments"}}</code>. */
    static TokenRequest ofJson(String text) throws InvalidException {
        try {
            Map<String, Object> object = JSONObjectUtils.parse(text);
            Object roles = object.getOrDefault("roles", List.of());
            Object life = object.getOrDefault("expiresIn", LIFE.toSeconds());
            Map<String, Object> claims = Optional.ofNullable(JSONObjectUtils.getJSONObject(object, "claims"))
                    .orElse(Map.of());
            return of(
                    Optional.ofNullable(JSONObjectUtils.getString(object, "sub"))
                            .orElse(""),
                    roles instanceof List<?> list
                            ? list.stream().map(String::valueOf).toList()
                            : roles(roles.toString()),
                    Optional.ofNullable(JSONObjectUtils.getString(object, "aud")),
                    life.toString(),
                    claims);
        } catch (ParseException e) {
            throw new InvalidException("body: " + e.getMessage() + " (expected: a JSON object with sub)");
        }
    }

    /** {@code sub=alice&roles=customer,support&expiresIn=300&claims={"dept":"payments"}}. */
    static TokenRequest ofForm(String text) throws InvalidException {
        Map<String, String> fields = new HashMap<>();
        for (String pair : text.strip().split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                fields.put(pair.substring(0, equals), decoded(pair.substring(equals + 1)));
            }
        }
        try {
            return of(
                    fields.getOrDefault("sub", ""),
                    roles(fields.getOrDefault("roles", "")),
                    Optional.ofNullable(fields.get("aud")),
                    fields.getOrDefault("expiresIn", Long.toString(LIFE.toSeconds())),
                    JSONObjectUtils.parse(fields.getOrDefault("claims", "{}")));
        } catch (ParseException e) {
            throw new InvalidException("claims: " + e.getMessage() + " (expected: a JSON object)");
        }
    }

    private static TokenRequest of(
            String subject, List<String> roles, Optional<String> audience, String life, Map<String, Object> claims)
            throws InvalidException {
        if (subject.isBlank()) {
            throw new InvalidException("sub: missing (expected: who the user is)");
        }
        try {
            long seconds = Long.parseLong(life);
            if (Math.abs(seconds) <= LIFE_SECONDS_MAX) {
                return new TokenRequest(subject, roles, audience, Duration.ofSeconds(seconds), claims);
            }
        } catch (NumberFormatException notANumber) {
            // the same message as below
        }
        throw new InvalidException(
                "expiresIn: " + life + " (expected: seconds, -" + LIFE_SECONDS_MAX + ".." + LIFE_SECONDS_MAX + ")");
    }

    private static List<String> roles(String text) {
        return text.isBlank() ? List.of() : List.of(text.split("[,\\s]+", -1));
    }

    private static String decoded(String text) throws InvalidException {
        try {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new InvalidException("form: " + e.getMessage() + " (expected: percent-encoded fields)");
        }
    }
}
