package dev.sallyport.cli.record;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Mesh.ClaimType;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RequestFacts;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a decision looked at, out of its record. {@code subject}: the user's, as far as the record tells. */
record RecordedFacts(Recorded recorded, Mesh mesh, String subject) implements RequestFacts {
    @Override
    public Optional<SpiffeId> caller() {
        return recorded.text(AuditFields.ACTOR_ID).flatMap(RecordedFacts::id);
    }

    @Override
    public String method() {
        return recorded.text(AuditFields.METHOD).orElse("");
    }

    @Override
    public String host() {
        return recorded.text(AuditFields.AUTHORITY).orElse("");
    }

    /** Never recorded. */
    @Override
    public Optional<String> query() {
        return Optional.empty();
    }

    @Override
    public List<String> header(String name) {
        return List.of();
    }

    /** With the values of template variables keyed: a word stands for each, and matches its variable as the value did. */
    @Override
    public String path() {
        return recorded.text(AuditFields.PATH).orElse("");
    }

    @Override
    public UserFact user() {
        String result = recorded.text(AuditFields.TOKEN_RESULT).orElse("absent");
        return switch (result) {
            // No rule looked: then none does here.
            case "absent" -> new UserFact.Absent();
            case "verified" -> new UserFact.Verified(verified());
            default -> new UserFact.Bad(reason(result));
        };
    }

    private User verified() {
        String issuer = recorded.text(AuditFields.USER_ISSUER).orElse("");
        Map<String, ClaimType> declared = Optional.ofNullable(mesh.issuers().get(issuer))
                .map(Mesh.Issuer::claims)
                .orElse(Map.of());
        Map<String, Object> claims = new TreeMap<>();
        recorded.claims().forEach((name, text) -> {
            ClaimType type = declared.get(name);
            if (type != null) {
                claims.put(name, value(type, text));
            }
        });
        return new User(
                issuer,
                subject,
                recorded.texts(AuditFields.USER_ROLES),
                recorded.texts(AuditFields.USER_SCOPES),
                claims,
                Instant.MIN,
                Instant.MAX); // it counted when it was recorded
    }

    /** {@code text} is what the record shows of a claim of that type: a list as {@code [a, b]}. */
    private static Object value(ClaimType type, String text) {
        return switch (type) {
            case STRING -> text;
            case BOOL -> Boolean.valueOf(text);
            case INT -> text.matches("-?\\d{1,18}") ? (Object) Long.valueOf(text) : text;
            case STRINGS -> list(text);
        };
    }

    private static List<String> list(String text) {
        boolean bracketed = text.startsWith("[") && text.endsWith("]");
        String inner = bracketed ? text.substring(1, text.length() - 1) : text;
        return inner.isEmpty() ? List.of() : Arrays.asList(inner.split(", ", -1));
    }

    private static Reason reason(String code) {
        try {
            Reason reason = Reason.ofCode(code);
            return reason.isToken() ? reason : Reason.TOKEN_INVALID;
        } catch (IllegalArgumentException unknownToThisVersion) {
            return Reason.TOKEN_INVALID;
        }
    }

    private static Optional<SpiffeId> id(String text) {
        try {
            return Optional.of(SpiffeId.parse(text));
        } catch (InvalidSpiffeIdException anonymous) {
            return Optional.empty();
        }
    }
}
