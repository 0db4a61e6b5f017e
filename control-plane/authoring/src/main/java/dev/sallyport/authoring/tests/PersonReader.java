package dev.sallyport.authoring.tests;

import dev.sallyport.authoring.tests.PolicyTest.Person;
import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.policy.Mesh;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads a user of a test: {@code {issuer: shop, sub: alice, roles: [customer], claims: {dept: care}, iat: -1m, exp: +5m}}. Without times the token was issued just now, for five minutes. */
final class PersonReader {
    private static final Moment FIVE_MINUTES = Moment.away(Duration.ofMinutes(5));

    private final References known;

    PersonReader(References known) {
        this.known = known;
    }

    Person read(String name, Fields fields) {
        String issuer = fields.text("issuer");
        Optional<Mesh.Issuer> declared =
                issuer.isEmpty() ? Optional.empty() : known.issuer(fields.placed("issuer", issuer));
        Person person = new Person(
                name,
                issuer,
                fields.optionalText("sub").orElse(name),
                fields.optionalTexts("roles"),
                fields.optionalTexts("scopes"),
                claims(fields, declared),
                Moment.read(fields, "iat", Moment.NOW),
                Moment.read(fields, "exp", FIVE_MINUTES));
        fields.done();
        return person;
    }

    /** In the types that the issuer declares; another claim reaches no rule, and would make a test say what never happens. */
    private static Map<String, Object> claims(Fields fields, Optional<Mesh.Issuer> issuer) {
        Map<String, Object> claims = new TreeMap<>();
        Optional<Fields> given = fields.optionalFields("claims");
        if (given.isPresent() && issuer.isPresent()) {
            issuer.get().claims().forEach((claim, type) -> {
                if (given.get().node(claim).isPresent()) { // asked for each, so that a typo is told what there is
                    claim(given.get(), claim, type).ifPresent(value -> claims.put(claim, value));
                }
            });
            given.get().done();
        }
        return claims;
    }

    private static Optional<Object> claim(Fields claims, String claim, Mesh.ClaimType type) {
        return switch (type) {
            case STRING -> claims.optionalText(claim).map(Object.class::cast);
            case STRINGS -> Optional.<Object>of(claims.optionalTexts(claim)).filter(list -> !list.equals(List.of()));
            case BOOL -> Optional.of(claims.bool(claim, false));
            case INT -> claims.optionalText(claim).flatMap(text -> number(claims, claim, text));
        };
    }

    private static Optional<Object> number(Fields claims, String claim, String text) {
        try {
            return Optional.of(Long.valueOf(text));
        } catch (NumberFormatException notANumber) {
            claims.problem(claim, Code.VALUE, text + " (expected: a whole number)");
            return Optional.empty();
        }
    }
}
