package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Node;
import dev.sallyport.document.Text;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Reads the issuers of a Mesh. */
final class IssuerReader {
    private static final List<String> ALGORITHMS =
            List.of("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256");
    private static final Set<String> REGISTERED = Set.of("iss", "sub", "aud", "exp", "nbf", "iat");
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
    private static final Duration CLOCK_SKEW_MAX = Duration.ofMinutes(2);
    private static final int CLAIM_CHARACTERS_MAX = 128;

    private final MeshReader mesh;
    private final Map<String, String> names = new HashMap<>(); // by iss

    IssuerReader(MeshReader mesh) {
        this.mesh = mesh;
    }

    Mesh.Issuer read(String name, Fields fields) {
        Names.check(name, fields);
        String issuer = fields.text("issuer");
        checkUrl(fields, "issuer", issuer);
        String first = names.putIfAbsent(issuer, name);
        if (first != null && !issuer.isEmpty()) {
            fields.problem(
                    "issuer",
                    Codes.ISSUER_TWICE,
                    issuer + ": the issuer of " + first
                            + " (expected: each issuer once; a token must have one reading)");
        }
        Optional<String> jwksUri = fields.optionalText("jwksUri");
        jwksUri.ifPresent(uri -> checkUrl(fields, "jwksUri", uri));
        for (Text service : fields.optionalPlacedTexts("verifiedBy")) {
            mesh.checkService(service);
        }
        Mesh.Issuer read = new Mesh.Issuer(
                name,
                issuer,
                Bound.AUDIENCES.texts(fields, "audiences").stream()
                        .map(Text::text)
                        .toList(),
                algorithms(fields),
                jwksUri,
                claimPath(fields, "roles", "roles"),
                claimPath(fields, "scopes", "scope"),
                fields.duration("clockSkew", Duration.ofSeconds(30), Duration.ZERO, CLOCK_SKEW_MAX),
                fields.optionalDuration("maxTokenAge", UserReader.TOKEN_AGE_MIN, UserReader.TOKEN_AGE_MAX),
                claims(fields));
        fields.later("maxStale", "propagate", "forwardUnverified");
        fields.done();
        return read;
    }

    private static List<String> algorithms(Fields fields) {
        List<Text> algorithms = fields.placedTexts("algorithms");
        for (Text algorithm : algorithms) {
            if (!ALGORITHMS.contains(algorithm.text())) {
                algorithm.problem(
                        fields.problems(),
                        Codes.ALGORITHM,
                        algorithm.text() + ": " + refusal(algorithm.text()) + " (expected: of "
                                + String.join(", ", ALGORITHMS) + ")");
            }
        }
        return algorithms.stream().map(Text::text).toList();
    }

    private static String refusal(String algorithm) {
        if (algorithm.equalsIgnoreCase("none")) {
            return "an unsigned token proves nothing";
        }
        if (algorithm.startsWith("HS")) {
            return "whoever can check such a token can make one";
        }
        return "not accepted";
    }

    /** RFC 8414 section 2: https, no query, no fragment; plain http only to this machine, where nobody else can listen in. */
    private static void checkUrl(Fields fields, String key, String text) {
        if (text.isEmpty()) {
            return;
        }
        try {
            URI uri = new URI(text);
            boolean https = "https".equals(uri.getScheme());
            boolean http = "http".equals(uri.getScheme()) && uri.getHost() != null && LOOPBACK.contains(uri.getHost());
            boolean bare = uri.getRawUserInfo() == null && uri.getRawFragment() == null && uri.getHost() != null;
            boolean query = uri.getRawQuery() != null && key.equals("issuer");
            if ((https || http) && bare && !query && text.chars().allMatch(c -> c > 0x20 && c < 0x7F)) {
                return;
            }
        } catch (URISyntaxException notAUrl) {
            // the same problem as below
        }
        fields.problem(
                key,
                Codes.ISSUER_URL,
                text
                        + " (expected: an https URL without user and fragment; http for 127.0.0.1, [::1] and localhost only)");
    }

    /** {@code realm_access.roles}: the names of nested members, with dots between. */
    private static String claimPath(Fields fields, String key, String fallback) {
        String path = fields.optionalText(key).orElse(fallback);
        boolean valid = path.length() <= CLAIM_CHARACTERS_MAX
                && List.of(path.split("\\.", -1)).stream().noneMatch(String::isEmpty)
                && path.chars().allMatch(c -> c > 0x20 && c < 0x7F);
        if (!valid) {
            fields.problem(
                    key,
                    Codes.CLAIM_FORM,
                    path + " (expected: a claim, or members with dots between: realm_access.roles)");
        }
        return path;
    }

    private static Map<String, Mesh.ClaimType> claims(Fields fields) {
        Map<String, Mesh.ClaimType> claims = new TreeMap<>();
        Optional<Node> node = fields.node("claims");
        if (node.isEmpty()) {
            return claims;
        }
        if (!(node.get() instanceof Node.Mapping mapping) || mapping.entries().isEmpty()) {
            fields.problem("claims", Code.FORM, "expected: claim: type, as dept: string");
            return claims;
        }
        if (!Bound.DECLARED_CLAIMS.holds(mapping.entries().size(), fields, "claims")) {
            return claims;
        }
        mapping.entries().forEach((claim, entry) -> {
            String path = fields.path("claims") + "." + claim;
            Optional<Mesh.ClaimType> type = ClaimTypes.read(entry.value());
            if (type.isEmpty()) {
                fields.problems()
                        .add(entry.value().location(), path, Codes.CLAIM_FORM, "expected: " + ClaimTypes.FORMS);
            }
            boolean printable = claim.chars().allMatch(c -> c > 0x20 && c < 0x7F);
            if (REGISTERED.contains(claim) || claim.length() > CLAIM_CHARACTERS_MAX || !printable) {
                fields.problems()
                        .add(
                                entry.keyLocation(),
                                path,
                                Codes.CLAIM_FORM,
                                claim + " (expected: a claim of at most " + CLAIM_CHARACTERS_MAX
                                        + " printable ASCII characters, other than "
                                        + "iss, sub, aud, exp, nbf and iat, which are always checked)");
            }
            type.ifPresent(known -> claims.put(claim, known));
        });
        return claims;
    }
}
