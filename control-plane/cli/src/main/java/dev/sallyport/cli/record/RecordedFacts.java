package dev.sallyport.cli.record;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.Inputs;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.Mesh.ClaimType;
import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.policy.OpaQuery;
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
    private static final String OTHER_USER = "other_user";

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

    /** Never recorded as a whole: of the parameters that are in the clear. */
    @Override
    public Optional<String> query() {
        List<String> parameters = recorded.inputs().stream()
                .filter(input -> input.startsWith(Inputs.QUERY))
                .flatMap(input -> recorded.input(input).orElse(List.of()).stream()
                        .map(value -> input.substring(Inputs.QUERY.length()) + "=" + value))
                .toList();
        return parameters.isEmpty() ? Optional.empty() : Optional.of(String.join("&", parameters));
    }

    /** Absent where the record does not have it in the clear. */
    @Override
    public List<String> header(String name) {
        return recorded.input(Inputs.HEADER + name).orElse(List.of());
    }

    @Override
    public Optional<OpaAnswer> opa(OpaQuery query) {
        return Optional.ofNullable(recorded.map(AuditFields.OPA).get(query.target() + "/" + query.path()))
                .map(word -> switch (word) {
                    case "true" -> OpaAnswer.TRUE;
                    case "false" -> OpaAnswer.FALSE;
                    default -> OpaAnswer.ERROR;
                });
    }

    /** Where the values of template variables are not in the clear, a word stands for each, and matches its variable as the value did. */
    @Override
    public String path() {
        return recorded.text(AuditFields.PATH).orElse("");
    }

    @Override
    public UserFact user() {
        return fact(recorded.text(AuditFields.TOKEN_RESULT), verified(subject, List.of()));
    }

    @Override
    public UserFact carriedUser() {
        List<String> via = recorded.texts(AuditFields.USER_VIA);
        Optional<String> result = recorded.text(AuditFields.USER_CARRIED);
        return result.filter(OTHER_USER::equals).isPresent()
                ? new UserFact.Verified(verified("another than " + subject, via))
                : fact(result, verified(subject, via));
    }

    private static UserFact fact(Optional<String> result, User user) {
        return switch (result.orElse("absent")) {
            // No rule looked: then none does here.
            case "absent" -> new UserFact.Absent();
            case "unjudged" -> new UserFact.Unjudged();
            case "verified" -> new UserFact.Verified(user);
            default -> new UserFact.Bad(reason(result.orElseThrow()));
        };
    }

    /** {@code via}: of a hop token. The record has one set of roles: where both tokens were good those of the user's own, which counts. */
    private User verified(String sub, List<String> via) {
        String issuer = recorded.text(AuditFields.USER_ISSUER).orElse("");
        Map<String, ClaimType> declared = Optional.ofNullable(mesh.issuers().get(issuer))
                .map(Mesh.Issuer::claims)
                .orElse(Map.of());
        Map<String, Object> claims = new TreeMap<>();
        recorded.map(AuditFields.USER_CLAIMS).forEach((name, text) -> {
            ClaimType type = declared.get(name);
            if (type != null) {
                claims.put(name, value(type, text));
            }
        });
        return new User(
                issuer,
                sub,
                recorded.texts(AuditFields.USER_ROLES),
                recorded.texts(AuditFields.USER_SCOPES),
                claims,
                Instant.ofEpochSecond(recorded.number(AuditFields.TOKEN_ISSUED_AT, 0)),
                Instant.MAX, // it counted when it was recorded
                via);
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
