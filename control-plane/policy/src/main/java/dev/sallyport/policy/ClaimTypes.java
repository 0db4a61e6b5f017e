package dev.sallyport.policy;

import dev.sallyport.document.Node;
import dev.sallyport.policy.Mesh.ClaimType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The types of declared claims: how documents write them, and when a token's value is the one that a rule states. */
final class ClaimTypes {
    static final String FORMS = "string, bool, int or [string]";

    private ClaimTypes() {}

    /** {@code string}, {@code bool}, {@code int}, {@code [string]}. */
    static Optional<ClaimType> read(Node node) {
        if (node instanceof Node.Sequence list) {
            boolean strings = list.items().size() == 1
                    && list.items().getFirst() instanceof Node.Scalar item
                    && item.text().equals("string");
            return strings ? Optional.of(ClaimType.STRINGS) : Optional.empty();
        }
        return switch (node) {
            case Node.Scalar scalar when scalar.text().equals("string") -> Optional.of(ClaimType.STRING);
            case Node.Scalar scalar when scalar.text().equals("bool") -> Optional.of(ClaimType.BOOL);
            case Node.Scalar scalar when scalar.text().equals("int") -> Optional.of(ClaimType.INT);
            default -> Optional.empty();
        };
    }

    static Object write(ClaimType type) {
        return switch (type) {
            case STRING -> "string";
            case BOOL -> "bool";
            case INT -> "int";
            case STRINGS -> List.of("string");
        };
    }

    /** Whether a rule may state {@code expected} of a claim of this type. */
    static boolean fits(ClaimType type, String expected) {
        return switch (type) {
            case STRING, STRINGS -> true;
            case BOOL -> expected.equals("true") || expected.equals("false");
            case INT -> isLong(expected);
        };
    }

    /** Exact comparison in the claim's own type; a list holds what it contains. A claim that is missing or of another type never does. */
    static boolean holds(Map<String, Object> claims, ClaimType type, String claim, String expected) {
        Object actual = claims.get(claim);
        return switch (type) {
            case STRING -> actual instanceof String text && text.equals(expected);
            case BOOL -> actual instanceof Boolean bool && bool.toString().equals(expected);
            case INT -> actual instanceof Long number && number.toString().equals(expected);
            case STRINGS -> actual instanceof List<?> items && items.contains(expected);
        };
    }

    private static boolean isLong(String text) {
        try {
            return Long.toString(Long.parseLong(text)).equals(text);
        } catch (NumberFormatException notANumber) {
            return false;
        }
    }
}
