package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Location;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Text;
import java.util.List;
import java.util.Map;

/** How much a set of documents may hold: whoever may write one of them must not be able to fill the memory, or the start-up time, of every sidecar that it is sent to. */
enum Bound {
    SERVICES(10_000, "services of a mesh"),
    PORTS(64, "ports of a service"),
    ENDPOINTS(1_000, "endpoints of a service"),
    ISSUERS(64, "issuers of a mesh"),
    AUDIENCES(64, "audiences of an issuer"),
    DECLARED_CLAIMS(256, "claims of an issuer"),
    TYPES(8, "types of an issuer"),
    RANGES(64, "address ranges of an issuer"),
    VERIFIERS(1_000, "services that verify an issuer's users"),
    PROPAGATED(32, "claims of an issuer that travel"),
    OPA_TARGETS(64, "OPA targets of a mesh"),
    ROUTES(10_000, "routes of a policy"),
    ROUTE_MATCHES(1_000, "matches of a route"),
    HOSTS(64, "hosts of a route"),
    RECORDED(64, "recorded fields of a route"),
    ROUTE_RULES(2_000, "rules of a route"),
    POLICY_RULES(20_000, "rules of a policy"),
    CALLERS(1_000, "callers of a rule"),
    ROLES(64, "roles of a rule"),
    SCOPES(64, "scopes of a rule"),
    CLAIMS(64, "claims of a rule"),
    CARRIERS(64, "services that carry a user"),
    FIELD_CONDITIONS(16, "header or query conditions in one place"),
    FIELD_VALUES(64, "values of a header or query condition"),
    OPA_HEADERS(32, "headers of a question to OPA"),
    GUARDRAILS(100, "guardrails of a set"),
    DENIALS(100, "denials of a guardrail"),
    DENIED_SERVICES(1_000, "services of a denial"),
    DENIED_MATCHES(100, "matches of a denial"),
    WHEN_CHARACTERS(4_096, "characters of a condition"),
    CHECKED_CHARACTERS(131_072, "characters of a checked condition"),
    VALUE_CHARACTERS(1_024, "characters of a value"),
    OWNER_CHARACTERS(128, "characters of an owner");

    private final int max;
    private final String what;

    Bound(int max, String what) {
        this.max = max;
        this.what = what;
    }

    int max() {
        return max;
    }

    /** Whether {@code actual} is within; a problem there otherwise. */
    boolean holds(int actual, Location location, String path, Problems problems) {
        if (actual > max) {
            problems.add(location, path, Code.TOO_LARGE, actual + " " + what + " (expected: at most " + max + ")");
        }
        return actual <= max;
    }

    /** At the value of {@code key}. */
    boolean holds(int actual, Fields fields, String key) {
        return holds(actual, fields.location(key), fields.path(key), fields.problems());
    }

    /** For the length of a text. */
    boolean holds(Text text, Problems problems) {
        return holds(text.text().length(), text.location(), text.path(), problems);
    }

    /** {@link Fields#named}; nothing beyond the bound is read. */
    Map<String, Fields> named(Fields fields, String key) {
        Map<String, Fields> named = fields.named(key);
        return holds(named.size(), fields, key) ? named : Map.of();
    }

    /** {@link Fields#placedTexts}; nothing beyond the bound is read. */
    List<Text> texts(Fields fields, String key) {
        List<Text> texts = fields.placedTexts(key);
        return holds(texts.size(), fields, key) ? texts : List.of();
    }

    /** {@link Fields#optionalPlacedTexts}; nothing beyond the bound is read. */
    List<Text> optionalTexts(Fields fields, String key) {
        List<Text> texts = fields.optionalPlacedTexts(key);
        return holds(texts.size(), fields, key) ? texts : List.of();
    }
}
