package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Node;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads {@code user:} of one rule, the key that must be written: what a rule wants of the user is never implied. */
final class UserReader {
    private static final String FORMS = "none | optional | required | {issuer: name, anyRole: [role], …}";

    private final Optional<MeshReader> mesh;
    private final Fields rule;

    UserReader(Optional<MeshReader> mesh, Fields rule) {
        this.mesh = mesh;
        this.rule = rule;
    }

    /** The strictest one after a problem. */
    UserRequirement read() {
        Optional<Node> node = rule.node("user");
        if (node.isEmpty()) {
            rule.missing("user", FORMS);
            return new UserRequirement.Required();
        }
        if (node.get() instanceof Node.Mapping) {
            return conditions(Fields.of(node.get(), rule.path("user"), rule.problems()));
        }
        String word = node.get() instanceof Node.Scalar scalar ? scalar.text() : "";
        return switch (word) {
            case "none" -> new UserRequirement.None();
            case "optional" -> new UserRequirement.OptionalUser();
            case "required" -> new UserRequirement.Required();
            default -> {
                String actual = word.isEmpty() ? node.get().form() : word;
                rule.problem("user", Codes.USER, actual + " (expected: " + FORMS + ")");
                yield new UserRequirement.Required();
            }
        };
    }

    private UserRequirement conditions(Fields user) {
        String issuer = user.text("issuer");
        Optional<Mesh.Issuer> declared = mesh.flatMap(known -> known.issuer(issuer));
        if (mesh.isPresent() && declared.isEmpty() && !issuer.isEmpty()) {
            MeshReader known = mesh.get();
            user.problem(
                    "issuer", Codes.ISSUER_UNKNOWN, known.unknown(issuer, known.issuerNames(), "an issuer of Mesh"));
        }
        Optional<String> subject = user.optionalText("subject");
        Set<String> anyRole = new TreeSet<>(user.optionalTexts("anyRole"));
        Set<String> allRoles = new TreeSet<>(user.optionalTexts("allRoles"));
        Set<String> scopes = new TreeSet<>(user.optionalTexts("scopes"));
        Map<String, String> claims = user.namedTexts("claims");
        declared.ifPresent(known -> claims.forEach((claim, value) -> claim(user, known, claim, value)));
        user.later("maxTokenAge", "via", "amr", "acr");
        user.done();
        return new UserRequirement.Conditions(issuer, subject, anyRole, allRoles, scopes, claims, Optional.empty());
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
