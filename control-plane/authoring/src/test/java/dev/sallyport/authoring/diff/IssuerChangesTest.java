package dev.sallyport.authoring.diff;

import static dev.sallyport.authoring.diff.Documented.MESH;
import static dev.sallyport.authoring.diff.Documented.NOW;
import static dev.sallyport.authoring.diff.Documented.guardrail;
import static dev.sallyport.authoring.diff.Documented.set;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.authoring.diff.Change.Kind;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IssuerChangesTest {
    private static final String CHARGE = "{charge: {match: POST /charges, allow: {a: {from: %s, user: %s}}}}";
    private static final String VOUCHED =
            MESH.replace("claims: {dept: string}", "claims: {dept: string}, verifiedBy: [web]");

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "''                         | 'types: at+jwt'              | types: before any; now [at+jwt] | false",
                "'types: at+jwt'            | ''                           | types: before [at+jwt]; now any | true",
                "'types: at+jwt'            | 'types: [at+jwt, JWT]'       | types: before [at+jwt]; now [at+jwt, jwt] | true",
                "'types: [at+jwt, JWT]'     | 'types: JWT'                 | types: before [at+jwt, jwt]; now [jwt] | false",
                "'maxStale: 1h'             | 'maxStale: 2h'               | last good keys count for 7200s, before for 3600s | true",
                "'maxStale: 2h'             | 'maxStale: 1h'               | last good keys count for 3600s, before for 7200s | false",
                "''                         | 'privateAddresses: 10.0.0.0/8' | keys may be at 10.0.0.0/8 | true",
                "'privateAddresses: 10.0.0.0/8' | ''                       | keys may no more be at 10.0.0.0/8 | false",
                "''                         | 'tokenHeader: x-token'       | tokenHeader: before authorization; now x-token | true",
                "'tokenHeader: x-token'     | ''                           | tokenHeader: before x-token; now authorization | true",
                "''                         | 'verifiedBy: web'            | users may come by the word of web | true",
                "'verifiedBy: [web, orders]' | 'verifiedBy: web'           | users may no more come by the word of orders | false",
                "''                         | 'propagate: dept'            | users keep on their way the claim dept | true",
                "'propagate: dept'          | ''                           | users keep no more on their way the claim dept | false",
                "'clockSkew: 10s'           | 'clockSkew: 5s'              | clockSkew: before 10s; now 5s | true",
                "'maxTokenAge: 10m'         | ''                           | maxTokenAge: before 600s; now none | true",
                "''                         | 'jwksUri: https://keys.example/jwks' | jwksUri: before where its metadata says; now https://keys.example/jwks | true",
            })
    void issuerIsComparedKeyByKey(String before, String after, String detail, boolean widening) {
        String routes = CHARGE.formatted("[orders]", "none");
        List<Change> changes = PolicyDiff.between(
                set(
                        MESH.replace("claims: {dept: string}", "claims: {dept: string}, " + before)
                                .replace(", }", "}"),
                        routes),
                set(
                        MESH.replace("claims: {dept: string}", "claims: {dept: string}, " + after)
                                .replace(", }", "}"),
                        routes),
                NOW);

        assertThat(changes).containsExactly(new Change(Kind.SETTING, List.of(), "issuer shop", detail, widening));
    }

    /** {@code !has(…)} holds where it did not. */
    @Test
    void claimThatNoLongerTravelsWidensWhereAConditionReadsIt() {
        String routes = CHARGE.formatted(
                "[orders]", "{issuer: shop, via: {from: [web], maxHops: 2}}, when: \"!has(user.claims.dept)\"");
        String travels = VOUCHED.replace("verifiedBy: [web]", "verifiedBy: [web], propagate: [dept]");

        assertThat(PolicyDiff.between(set(travels, routes), set(VOUCHED, routes), NOW))
                .extracting(Change::widening)
                .containsExactly(true);
    }

    /** A denial that is about whoever has the claim is about nobody then; what OPA makes of it nobody knows. */
    @Test
    void claimThatNoLongerTravelsWidensWhereADenialOrOpaReadsIt() {
        String denial = guardrail(
                "{d: {to: [payment], when: \"has(user.claims.dept)\", unlessUser: {issuer: shop, via: {from: [web], maxHops: 2}}}}");
        String plain = CHARGE.formatted("[orders]", "{issuer: shop, via: {from: [web], maxHops: 2}}");
        String asking = CHARGE.formatted(
                "[orders]", "{issuer: shop, via: {from: [web], maxHops: 2}}, opa: {target: local, path: a}");
        String travels = VOUCHED.replace("verifiedBy: [web]", "verifiedBy: [web], propagate: [dept]");
        String opa = "  opa: {local: {address: '127.0.0.1:8181'}}\n";

        assertThat(PolicyDiff.between(set(travels, plain), set(VOUCHED, plain), NOW))
                .as("nobody reads it")
                .extracting(Change::widening)
                .containsExactly(false);
        assertThat(PolicyDiff.between(set(travels, plain, denial), set(VOUCHED, plain, denial), NOW))
                .extracting(Change::widening)
                .containsExactly(true);
        assertThat(PolicyDiff.between(set(with(travels, opa), asking), set(with(VOUCHED, opa), asking), NOW))
                .extracting(Change::widening)
                .containsExactly(true);
    }

    private static String with(String mesh, String more) {
        return mesh.replace("  services:", more + "  services:");
    }

    /** Its header is one that applications read then, whatever stands there. */
    @Test
    void issuerThatGoesWidensWhereItsTokensHadAHeaderOfTheirOwn() {
        String routes = CHARGE.formatted("[orders]", "none");
        for (boolean own : new boolean[] {false, true}) {
            String mesh = MESH.replace(
                    "  issuers:\n",
                    "  issuers:\n    other: {issuer: 'https://other.example', audiences: [a], algorithms: [ES256]"
                            + (own ? ", tokenHeader: x-token" : "") + "}\n");
            assertThat(mesh).isNotEqualTo(MESH);
            assertThat(PolicyDiff.between(set(mesh, routes), set(MESH, routes), NOW))
                    .extracting(Change::widening)
                    .containsExactly(own);
        }
    }
}
