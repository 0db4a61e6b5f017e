package dev.sallyport.policy;

import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.document.Node;
import dev.sallyport.document.Text;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads the issuers of a Mesh. */
final class IssuerReader {
    private static final List<String> ALGORITHMS =
            List.of("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256");
    private static final Set<String> REGISTERED = Set.of("iss", "sub", "aud", "exp", "nbf", "iat");
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "[::1]");
    private static final Duration CLOCK_SKEW_MAX = Duration.ofMinutes(2);
    private static final Duration MAX_STALE_MIN = Duration.ofSeconds(10);
    private static final Duration MAX_STALE_MAX = Duration.ofDays(30);
    private static final List<String> TYPES = List.of("jwt", "at+jwt");
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
        Map<String, Mesh.ClaimType> claims = claims(fields);
        Mesh.Issuer read = new Mesh.Issuer(
                name,
                issuer,
                Bound.AUDIENCES.texts(fields, "audiences").stream()
                        .map(Text::text)
                        .toList(),
                algorithms(fields),
                types(fields),
                new Mesh.KeySource(
                        jwksUri,
                        fields.duration("maxStale", Mesh.KeySource.MAX_STALE, MAX_STALE_MIN, MAX_STALE_MAX),
                        ranges(fields)),
                claimPath(fields, "roles", "roles"),
                claimPath(fields, "scopes", "scope"),
                fields.duration("clockSkew", Duration.ofSeconds(30), Duration.ZERO, CLOCK_SKEW_MAX),
                fields.optionalDuration("maxTokenAge", UserReader.TOKEN_AGE_MIN, UserReader.TOKEN_AGE_MAX),
                claims,
                tokenHeader(fields),
                new Mesh.HopTokens(Frozen.set(verifiedBy(fields)), Frozen.set(propagate(fields, claims))));
        fields.done();
        return read;
    }

    /** RFC 8725 section 3.11; {@code application/} may be left out (RFC 7515 section 4.1.9), and the case does not count. */
    private static List<String> types(Fields fields) {
        List<String> types = new ArrayList<>();
        for (Text type : Bound.TYPES.optionalTexts(fields, "types")) {
            String known = type.text().toLowerCase(Locale.ROOT);
            if (TYPES.contains(known)) {
                types.add(known);
            } else {
                type.problem(
                        fields.problems(),
                        Code.VALUE,
                        type.text() + " (expected: of " + String.join(", ", TYPES) + ")");
            }
        }
        return types;
    }

    private static List<AddressRange> ranges(Fields fields) {
        List<AddressRange> ranges = new ArrayList<>();
        for (Text text : Bound.RANGES.optionalTexts(fields, "privateAddresses")) {
            Optional<AddressRange> range = AddressRange.parse(text.text());
            range.ifPresent(ranges::add);
            if (range.isEmpty()) {
                text.problem(
                        fields.problems(),
                        Code.VALUE,
                        text.text() + " (expected: an address or a range without further bits: 10.20.0.0/16)");
            }
        }
        return ranges;
    }

    /** A header that anything else has a use for would be two things at once. */
    private static Optional<String> tokenHeader(Fields fields) {
        Optional<String> header = fields.optionalText("tokenHeader").map(name -> name.toLowerCase(Locale.ROOT));
        if (header.isPresent() && !fit(header.get())) {
            fields.problem(
                    "tokenHeader",
                    Codes.FIELD_NAME,
                    header.get()
                            + " (expected: a header of its own, as x-access-token: a-z, 0-9 and -, none that HTTP or Sallyport has a meaning for)");
            return Optional.empty();
        }
        return header;
    }

    private static boolean fit(String header) {
        return HeaderNames.refusal(header).isEmpty()
                && header.startsWith("x-")
                && !header.startsWith("x-forwarded-")
                && !header.equals("x-request-id")
                && !OverridingHeaders.contains(header)
                && header.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-');
    }

    private Set<String> verifiedBy(Fields fields) {
        Set<String> services = new TreeSet<>();
        for (Text service : Bound.VERIFIERS.optionalTexts(fields, "verifiedBy")) {
            if (mesh.checkService(service)) {
                services.add(service.text());
            }
        }
        return services;
    }

    private static Set<String> propagate(Fields fields, Map<String, Mesh.ClaimType> declared) {
        Set<String> claims = new TreeSet<>();
        for (Text claim : Bound.PROPAGATED.optionalTexts(fields, "propagate")) {
            if (declared.containsKey(claim.text())) {
                claims.add(claim.text());
            } else {
                claim.problem(
                        fields.problems(),
                        Codes.CLAIM_UNKNOWN,
                        claim.text() + ": not declared (expected: one of " + declared.keySet() + ", under claims)");
            }
        }
        return claims;
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
