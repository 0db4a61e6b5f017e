package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Node;
import dev.sallyport.document.Text;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.time.Duration;
import java.util.Collections;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads {@code user:} of one rule, the key that must be written: what a rule wants of the user is never implied; and {@code unlessUser:} of a guardrail. */
final class UserReader {
    private static final String FORMS = "none | optional | required | {issuer: name, anyRole: [role], …}";
    private static final String PROVEN_FORMS = "required | {issuer: name, anyRole: [role], …}";
    static final Duration TOKEN_AGE_MIN = Duration.ofSeconds(1);
    /** A longer one would bound nothing. */
    static final Duration TOKEN_AGE_MAX = Duration.ofHours(24);

    private final Reading reading;
    private final Fields rule;
    private final String key;

    UserReader(Reading reading, Fields rule, String key) {
        this.reading = reading;
        this.rule = rule;
        this.key = key;
    }

    /** The strictest one after a problem. */
    UserRequirement read() {
        String word = word();
        return switch (word) {
            case "none" -> new UserRequirement.None();
            case "optional" -> new UserRequirement.OptionalUser();
            default -> proven(word, FORMS);
        };
    }

    /** Only what proves a user: an exception for whoever says nothing would be none. */
    UserRequirement readProven() {
        return proven(word(), PROVEN_FORMS);
    }

    private UserRequirement proven(String word, String forms) {
        Optional<Node> node = rule.node(key);
        if (node.isEmpty()) {
            rule.missing(key, forms);
        } else if (node.get() instanceof Node.Mapping) {
            return conditions(Fields.of(node.get(), rule.path(key), reading.problems()));
        } else if (!word.equals("required")) {
            rule.problem(key, Codes.USER, (word.isEmpty() ? node.get().form() : word) + " (expected: " + forms + ")");
        }
        return new UserRequirement.Required();
    }

    /** Empty unless a text is written. */
    private String word() {
        return rule.node(key)
                .filter(Node.Scalar.class::isInstance)
                .map(node -> ((Node.Scalar) node).text())
                .orElse("");
    }

    private UserRequirement conditions(Fields user) {
        String issuer = user.text("issuer");
        Optional<Mesh.Issuer> declared = reading.mesh().flatMap(known -> known.issuer(issuer));
        if (reading.mesh().isPresent() && declared.isEmpty() && !issuer.isEmpty()) {
            MeshReader known = reading.mesh().get();
            user.problem(
                    "issuer", Codes.ISSUER_UNKNOWN, known.unknown(issuer, known.issuerNames(), "an issuer of Mesh"));
        }
        Optional<String> subject = user.optionalText("subject")
                .flatMap(text -> Values.read(user.placed("subject", text), reading.problems()));
        UserRequirement.Conditions conditions = new UserRequirement.Conditions(
                issuer,
                subject,
                Values.read(user, "anyRole", Bound.ROLES),
                Values.read(user, "allRoles", Bound.ROLES),
                Values.read(user, "scopes", Bound.SCOPES),
                claims(user, declared),
                maxTokenAge(user, declared),
                user.optionalFields("via").map(via -> via(via, user, declared)));
        user.later("amr", "acr");
        user.done();
        return conditions;
    }

    private RoutePolicy.Via via(Fields via, Fields user, Optional<Mesh.Issuer> declared) {
        Set<String> from = new TreeSet<>();
        for (Text service : Bound.CARRIERS.texts(via, "from")) {
            if (reading.mesh().filter(mesh -> mesh.checkService(service)).isPresent()) {
                from.add(service.text());
            }
        }
        int maxHops = via.integer("maxHops", 0, 1, RoutePolicy.Via.HOPS_MAX);
        if (!via.has("maxHops")) {
            via.missing(
                    "maxHops",
                    "1.." + RoutePolicy.Via.HOPS_MAX + ": services that carry the user, the caller among them");
        }
        via.done();
        declared.ifPresent(issuer -> checkCarried(issuer, from, via, user));
        return new RoutePolicy.Via(Frozen.set(from), maxHops);
    }

    /** What can never hold is a mistake. */
    private static void checkCarried(Mesh.Issuer issuer, Set<String> from, Fields via, Fields user) {
        Mesh.HopTokens hops = issuer.hopTokens();
        if (!from.isEmpty() && Collections.disjoint(from, hops.verifiedBy())) {
            via.problem(
                    "from",
                    Codes.VIA,
                    from + ": none of them verifies users of " + issuer.name()
                            + (hops.verifiedBy().isEmpty()
                                    ? " (expected: services that issuers." + issuer.name()
                                            + ".verifiedBy names, and it names none)"
                                    : " (expected: one of " + hops.verifiedBy() + ", as issuers." + issuer.name()
                                            + ".verifiedBy has them)"));
        }
        user.namedTexts("claims").keySet().stream()
                .filter(claim -> issuer.claims().containsKey(claim) && !hops.carries(claim))
                .forEach(claim -> user.problem(
                        "claims",
                        Codes.VIA,
                        claim + ": does not travel with a hop token (expected: one of " + hops.propagate()
                                + ", or list it under issuers." + issuer.name() + ".propagate)"));
    }

    private Map<String, String> claims(Fields user, Optional<Mesh.Issuer> declared) {
        Map<String, String> claims = user.namedTexts("claims");
        if (!Bound.CLAIMS.holds(claims.size(), user, "claims")) {
            return Map.of();
        }
        claims.forEach((claim, value) -> {
            Values.read(user.placed("claims", value), reading.problems());
            declared.ifPresent(known -> claim(user, known, claim, value));
        });
        return claims;
    }

    private static Optional<Duration> maxTokenAge(Fields user, Optional<Mesh.Issuer> declared) {
        Optional<Duration> age = user.optionalDuration("maxTokenAge", TOKEN_AGE_MIN, TOKEN_AGE_MAX);
        Optional<Duration> already = declared.flatMap(Mesh.Issuer::maxTokenAge)
                .filter(max -> age.filter(stated -> stated.compareTo(max) > 0).isPresent());
        already.ifPresent(max -> user.problem(
                "maxTokenAge",
                Codes.TOKEN_AGE,
                age.orElseThrow().toSeconds() + "s: more than the issuer's own (expected: at most " + max.toSeconds()
                        + "s)"));
        return age;
    }

    private static void claim(Fields user, Mesh.Issuer issuer, String claim, String value) {
        Mesh.ClaimType type = issuer.claims().get(claim);
        if (type == null) {
            user.problem(
                    "claims",
                    Codes.CLAIM_UNKNOWN,
                    claim + ": not declared (expected: one of "
                            + issuer.claims().keySet() + ", or declare it under" + " issuers." + issuer.name()
                            + ".claims in the Mesh)");
        } else if (!ClaimTypes.fits(type, value)) {
            String expected = type == Mesh.ClaimType.BOOL ? "true | false" : "a decimal number";
            user.problem("claims", Code.VALUE, claim + ": " + value + " (expected: " + expected + ")");
        }
    }
}
