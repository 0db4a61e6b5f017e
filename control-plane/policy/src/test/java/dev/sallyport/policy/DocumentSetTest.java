package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Problem;
import dev.sallyport.document.Source;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class DocumentSetTest {
    private static final String ROUTES =
            "{a: {match: [GET /a, 'GET /a/{id}'], allow: {all: {from: any-mesh, user: optional}}}, "
                    + "b: {match: POST /b, allow: {r: {from: [orders, web], forwardToken: true, user: {issuer: shop, "
                    + "subject: fay, anyRole: [x, y], allRoles: z, scopes: [s], claims: {dept: payments, staff: true, level: 3}}}}}}";

    @Test
    void canonicalJsonIsReadBackToTheSameSetWithTheSameDigest() throws InvalidDocumentException {
        DocumentSet set = Shop.set(ROUTES);

        DocumentSet back = DocumentSet.ofJson(set.toJson());

        assertThat(back).isEqualTo(set);
        assertThat(back.toJson()).isEqualTo(set.toJson());
        assertThat(back.digest()).isEqualTo(set.digest()).matches("[0-9a-f]{64}");
    }

    @Test
    void orderAndSpellingDoNotChangeTheDigestButMeaningDoes() {
        String routes = "{a: {match: GET /a, allow: {r: {from: [web, orders], user: none}}}}";
        DocumentSet set = Shop.set(routes);

        assertThat(Shop.set(
                                "{a: {allow: {r: {user: 'none', forwardToken: false, from: [orders, web]}}, match: [GET /a]}}")
                        .digest())
                .isEqualTo(set.digest());
        assertThat(Shop.set(routes.replace("user: none", "user: optional")).digest())
                .isNotEqualTo(set.digest());
    }

    @Test
    void onlyWhatConcernsAServiceGoesToItsSidecar() {
        DocumentSet set = Shop.set(ROUTES);

        assertThat(set.concerning("payment")).isEqualTo(set);
        assertThat(set.concerning("orders").policies()).isEmpty();
        assertThat(set.concerning("orders").mesh()).isEqualTo(set.mesh());
    }

    @Test
    void fullMeshOfTheDesignIsRead() throws InvalidDocumentException {
        Mesh mesh = load("""
                        apiVersion: sallyport.dev/v1
                        kind: Mesh
                        metadata: {name: shop, annotations: {sallyport.dev/owner: security}}
                        spec:
                          trustDomain: shop.example
                          tls: {mode: strict, minVersion: "1.3"}
                          issuers:
                            shop: {issuer: https://auth.shop.example, audiences: [shop-api], algorithms: [ES256], jwksUri: "http://127.0.0.1:9/jwks.json",
                                   roles: realm_access.roles, clockSkew: 2m, claims: {dept: string, amr: [string]}, verifiedBy: [web]}
                          services:
                            web: {identity: spiffe://shop.example/ns/edge/sa/web, ports: {8080: http}, endpoints: ["127.0.0.1:80", "[::1]:81"]}
                        """).mesh();

        assertThat(mesh.issuers().get("shop")).extracting(Mesh.Issuer::scopes).isEqualTo("scope");
        assertThat(mesh.services().get("web"))
                .extracting(Mesh.Service::endpoints)
                .asString()
                .contains("[::1]:81");
        assertThat(mesh.serviceOf(Facts.id("spiffe://shop.example/ns/edge/sa/web")))
                .isPresent();
        assertThat(mesh.serviceOf(Facts.id("spiffe://shop.example/ns/edge/sa/we")))
                .isEmpty();
    }

    static Stream<Arguments> wrongMeshes() {
        return Stream.of(
                Arguments.of("shop.example", "shop_1.example", "SP0205 spec.trustDomain: shop_1.example: holds _"),
                Arguments.of("shop.example\n", "Shop.example\n", "SP0201 spec.trustDomain"),
                Arguments.of("sa/web", "sa/web/", "SP0201 spec.services.web.identity"),
                Arguments.of("sa/web", "sa/orders", "SP0203 spec.services.orders.identity"),
                Arguments.of("sa/web", "sallyport/control-plane", "SP0204"),
                Arguments.of("example/sa/web", "example.evil/sa/web", "SP0202"),
                Arguments.of("web:", "Web:", "SP0105 spec.services.Web: Web (expected: a name"),
                Arguments.of("web:", "any-mesh:", "SP0105 spec.services.any-mesh: any-mesh: reserved"),
                Arguments.of(
                        "8080: http",
                        "8080: https",
                        "SP0014 spec.services.payment.ports: 8080: https: not in this version"),
                Arguments.of("8080: http", "8080: htpp", "SP0502"),
                Arguments.of("8080: http", "0: http", "SP0502"),
                Arguments.of("{8080: http}", "{}", "SP0012"),
                Arguments.of(
                        "ports: {8080: http}", "endpoints: [host]", "SP0013 spec.services.payment.endpoints[0]: host"),
                Arguments.of(
                        "ports: {8080: http}",
                        "endpoints: [\"host:80\", \"host:81\", \"host:80\"]",
                        "SP0013 spec.services.payment.endpoints[2]: host:80: listed twice"),
                Arguments.of(
                        "ports: {8080: http}",
                        "port: 8080",
                        "SP0010 spec.services.payment.port: unknown (did you mean ports?)"),
                Arguments.of(
                        "[ES256]",
                        "[none]",
                        "SP0403 spec.issuers.shop.algorithms[0]: none: an unsigned token proves nothing"),
                Arguments.of("[ES256]", "[ES256, HS256]", "SP0403 spec.issuers.shop.algorithms[1]: HS256"),
                Arguments.of("[ES256]", "[EdDSA]", "SP0403"),
                Arguments.of("[ES256]", "[]", "SP0012 spec.issuers.shop.algorithms: an empty list"),
                Arguments.of("[shop-api]", "[]", "SP0012 spec.issuers.shop.audiences: an empty list"),
                Arguments.of("https://auth", "http://auth", "SP0401"),
                Arguments.of("https://auth", "https://u@auth", "SP0401"),
                Arguments.of("https://auth.shop.example", "https://auth.shop.example/#x", "SP0401"),
                Arguments.of("https://auth.shop.example", "auth.shop.example", "SP0401"),
                Arguments.of("https://staff", "https://auth", "SP0405 spec.issuers.staff.issuer"),
                Arguments.of("dept: string", "dept: strng", "SP0404 spec.issuers.shop.claims.dept"),
                Arguments.of("dept: string", "sub: string", "SP0404 spec.issuers.shop.claims.sub"),
                Arguments.of(
                        "algorithms: [ES256],\n",
                        "algorithms: [ES256], clockSkew: 3m,\n",
                        "SP0013 spec.issuers.shop.clockSkew: 3m"),
                Arguments.of(
                        "algorithms: [ES256],\n",
                        "algorithms: [ES256], roles: a..b,\n",
                        "SP0404 spec.issuers.shop.roles"),
                Arguments.of(
                        "algorithms: [ES256],\n",
                        "algorithms: [ES256], verifiedBy: [wbe],\n",
                        "SP0101 spec.issuers.shop.verifiedBy[0]: wbe: unknown (did you mean web?)"),
                Arguments.of(
                        "algorithms: [ES256],\n",
                        "algorithms: [ES256], maxStale: 3s,\n",
                        "SP0013 spec.issuers.shop.maxStale"),
                Arguments.of(
                        "  trustDomain",
                        "  mode: permit\n  trustDomain",
                        "SP0013 spec.mode: permit (expected: enforce | observe)"),
                Arguments.of("  trustDomain", "  mode: observe\n  trustDomain", "SP0011 spec.until: missing"),
                Arguments.of(
                        "  trustDomain",
                        "  tls: {mode: permissive}\n  trustDomain",
                        "SP0501 spec.tls.mode: permissive: not in this version"),
                Arguments.of("  trustDomain", "  tls: {minVersion: 1.2}\n  trustDomain", "SP0501 spec.tls.minVersion"),
                Arguments.of(
                        "kind: Mesh",
                        "kind: Mash",
                        "SP0013 kind: Mash (expected: Mesh, RoutePolicy, Guardrail, PolicyTest)"),
                Arguments.of(
                        "sallyport.dev/v1",
                        "sallyport.dev/v2",
                        "SP0013 apiVersion: sallyport.dev/v2 (expected: sallyport.dev/v1)"),
                Arguments.of("{name: shop}", "{name: Shop}", "SP0105 metadata.name"),
                Arguments.of("{name: shop}", "{name: shop, annotations: {x: y}}", "SP0010 metadata.annotations.x"),
                Arguments.of("{name: shop}", "{}", "SP0011 metadata.name: missing"),
                Arguments.of("spec:", "spek:", "SP0011 spec: missing"),
                Arguments.of("spec:", "spek:", "spek: unknown (did you mean spec?)"));
    }

    @ParameterizedTest(name = "{1}: {2}")
    @MethodSource("wrongMeshes")
    void wrongMeshIsRefusedWithItsPlaceAndWhatToWriteInstead(String right, String wrong, String expected) {
        assertThat(Shop.MESH).contains(right);

        assertThat(problems(Shop.MESH.replace(right, wrong))).anyMatch(problem -> problem.contains(expected));
    }

    static Stream<Arguments> wrongPolicies() {
        return Stream.of(
                Arguments.of(
                        "service: payment",
                        "service: paymnt",
                        "shop.yaml:20:12: SP0101 spec.service: paymnt: unknown (did you mean payment?)"),
                Arguments.of("from: [orders]", "form: [orders]", "form: unknown (did you mean from?)"),
                Arguments.of("from: [orders]", "form: [orders]", "SP0011 spec.routes.charge.allow.o.from: missing"),
                Arguments.of("from: [orders]", "from: []", "SP0012"),
                Arguments.of("from: [orders]", "from:", "SP0012"),
                Arguments.of("from: [orders]", "from: [[orders]]", "SP0012"),
                Arguments.of(
                        "from: [orders]",
                        "from: [ordres]",
                        "SP0101 spec.routes.charge.allow.o.from[0]: ordres: unknown (did you mean orders?)"),
                Arguments.of("from: [orders]", "from: ['*']", "SP0101"),
                Arguments.of("from: [orders]", "from: [any-mesh, orders]", "SP0013"),
                Arguments.of("from: [orders]", "from: ['spiffe://shop.example/sa/nobody']", "SP0206"),
                Arguments.of("from: [orders]", "from: ['spiffe://shop.example/sa/w*']", "SP0207"),
                Arguments.of("from: [orders]", "from: ['spiffe://shop.example/']", "SP0201"),
                Arguments.of(
                        ", user: none",
                        "",
                        "SP0011 spec.routes.charge.allow.o.user: missing (expected: none | optional"),
                Arguments.of("user: none", "user:", "SP0406"),
                Arguments.of("user: none", "user: any", "SP0406 spec.routes.charge.allow.o.user: any (expected: none"),
                Arguments.of("user: none", "user: []", "SP0406 spec.routes.charge.allow.o.user: a list"),
                Arguments.of("user: none", "user: {}", "SP0011 spec.routes.charge.allow.o.user.issuer: missing"),
                Arguments.of(
                        "user: none",
                        "user: {issuer: shpo}",
                        "SP0102 spec.routes.charge.allow.o.user.issuer: shpo: unknown (did you mean shop?)"),
                Arguments.of("user: none", "user: {issuer: shop, anyRole: []}", "SP0012"),
                Arguments.of("user: none", "user: {issuer: shop, role: [x]}", "SP0010"),
                Arguments.of(
                        "user: none",
                        "user: {issuer: shop, claims: {deptt: x}}",
                        "SP0103 spec.routes.charge.allow.o.user.claims: deptt: not declared"),
                Arguments.of("user: none", "user: {issuer: staff, claims: {dept: x}}", "SP0103"),
                Arguments.of("user: none", "user: {issuer: shop, claims: {staff: yes}}", "SP0013"),
                Arguments.of("user: none", "user: {issuer: shop, claims: {level: 03}}", "SP0013"),
                Arguments.of("user: none", "user: {issuer: shop, claims: {}}", "SP0012"),
                Arguments.of("user: none", "user: {issuer: shop, maxTokenAge: 25h}", "SP0013"),
                Arguments.of("user: none", "user: none, forwardToken: maybe", "SP0013"),
                Arguments.of("user: none", "user: none, when: ''", "SP0012"),
                Arguments.of("user: none", "user: none, expires: 2027-02-30", "SP0013"),
                Arguments.of("user: none", "user: none, mode: observe", "SP0013"),
                Arguments.of("user: none", "user: none, opa: x", "SP0012"),
                Arguments.of("match: POST /charges", "match: POST /charges, limit: {rate: 1/s}", "SP0011"),
                Arguments.of("match: POST /charges", "match: POST /charges, audit: overlapped", "SP0311"),
                Arguments.of("match: POST /charges", "match: POST  /charges", "SP0301"),
                Arguments.of(
                        "match: POST /charges",
                        "match: /charges",
                        "SP0301 spec.routes.charge.match: /charges (expected: METHOD /path"),
                Arguments.of("match: POST /charges", "match: '* /charges'", "SP0301"),
                Arguments.of("match: POST /charges", "match: post /charges", "SP0301"),
                Arguments.of("match: POST /charges", "match: POST /a/../b", "SP0301"),
                Arguments.of("match: POST /charges", "match: []", "SP0012"),
                Arguments.of("match: POST /charges, ", "", "SP0011 spec.routes.charge.match: missing"),
                Arguments.of("allow: {o: {from: [orders], user: none}}", "allow: {}", "SP0012"),
                Arguments.of("allow: {o: {from: [orders], user: none}}", "allow: {o: {}}", "SP0011"),
                Arguments.of(
                        "allow: {o: {from: [orders], user: none}}", "allow: [{from: [orders], user: none}]", "SP0012"),
                Arguments.of(
                        ", allow: {o: {from: [orders], user: none}}", "", "SP0011 spec.routes.charge.allow: missing"),
                Arguments.of("charge:", "Charge:", "SP0105"),
                Arguments.of("{o:", "{o/p:", "SP0105"),
                Arguments.of(
                        "routes: {charge: {match: POST /charges, allow: {o: {from: [orders], user: none}}}}",
                        "{}",
                        "SP0001"),
                Arguments.of(
                        "routes: {charge: {match: POST /charges, allow: {o: {from: [orders], user: none}}}}",
                        "routes: {}",
                        "SP0012 spec.routes: empty"));
    }

    @ParameterizedTest(name = "{1}: {2}")
    @MethodSource("wrongPolicies")
    void wrongPolicyIsRefusedWithItsPlaceAndWhatToWriteInstead(String right, String wrong, String expected) {
        String policy = Shop.policy("{charge: {match: POST /charges, allow: {o: {from: [orders], user: none}}}}");
        assertThat(policy).contains(right);
        assertThat(problems(Shop.MESH + policy)).isEmpty();

        assertThat(problems(Shop.MESH + policy.replace(right, wrong))).anyMatch(problem -> problem.contains(expected));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "GET /a/{x}, GET /a/{y}",
                "GET /a/{x}, 'GET /{y}/b'",
                "GET /a, GET /a",
                "GET /a/**, 'GET /{x}/b'",
                "GET /a/**, GET /a/**"
            })
    void matchesThatCannotBeToldApartAreRefusedNamingBothPlaces(String matches) {
        String[] both = matches.replace("'", "").split(", ", -1);
        String routes =
                "{one: {match: '%s', allow: {r: {from: web, user: none}}}, two: {match: '%s', allow: {r: {from: web, user: none}}}}"
                        .formatted(both[0], both[1]);

        assertThat(problems(Shop.MESH + Shop.policy(routes)))
                .singleElement()
                .asString()
                .contains("SP0302", both[1] + " of route two", both[0] + " of route one at shop.yaml:21:");
        assertThat(problems(Shop.MESH + Shop.policy(routes.replace("two: {match: '", "two: {match: 'X"))))
                .isEmpty();
    }

    @Test
    void matchesOfWhichOneIsMoreSpecificAreAccepted() {
        Shop.set(
                "{a: {match: ['GET /a/{x}', GET /a/b, GET /a/**, GET /**, 'GET /a/{x}/c'], allow: {r: {from: web, user: none}}}}");
    }

    @Test
    void everyProblemOfEverySourceIsFoundAtOnce() {
        InvalidDocumentException invalid = catchThrowableOfType(
                InvalidDocumentException.class,
                () -> DocumentSet.load(List.of(
                        new Source("mesh.yaml", Shop.MESH.replace("[ES256]", "[none]")),
                        new Source("a.yaml", Shop.policy("{x: {match: get /, allow: {r: {from: nobody}}}}")),
                        new Source("b.yaml", "a: [\n"),
                        new Source("c.yaml", "- 1"))));

        assertThat(invalid.problems())
                .extracting(problem -> problem.location().file() + " " + problem.code())
                .contains(
                        "mesh.yaml SP0403",
                        "a.yaml SP0301",
                        "a.yaml SP0101",
                        "a.yaml SP0011",
                        "b.yaml SP0001",
                        "c.yaml SP0012");
    }

    @Test
    void oneMeshAndOnePolicyAServiceAreRequired() {
        String policy = Shop.policy("{a: {match: GET /a, allow: {r: {from: web, user: none}}}}");

        assertThat(problems(policy)).singleElement().asString().contains("SP0106", "no Mesh");
        assertThat(problems("")).singleElement().asString().contains("SP0106");
        assertThat(problems(Shop.MESH + "---\n" + Shop.MESH.replace("name: shop", "name: shop2")))
                .singleElement()
                .asString()
                .contains("SP0104", "a second Mesh");
        assertThat(problems(Shop.MESH + policy + policy.replace("name: payment", "name: payment2")))
                .singleElement()
                .asString()
                .contains("SP0104", "a second RoutePolicy of this service", "the first is at shop.yaml:16:1");
        assertThat(problems(Shop.MESH + policy + policy.replace("service: payment", "service: orders")))
                .singleElement()
                .asString()
                .contains("SP0104", "a second RoutePolicy of this name");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{}",
                "[]",
                "{\"mesh\":{},\"policies\":[]}",
                "{\"policies\":[]}",
                "{\"mesh\":null,\"policies\":null}",
                "nonsense"
            })
    void jsonThatIsNoSetIsRefused(String json) {
        assertThat(catchThrowableOfType(InvalidDocumentException.class, () -> DocumentSet.ofJson(json)))
                .isNotNull();
    }

    @Test
    void jsonWithOneKeyMoreOrLessIsRefused() {
        String json = Shop.set(ROUTES).toJson();

        assertThat(catchThrowableOfType(
                        InvalidDocumentException.class,
                        () -> DocumentSet.ofJson(
                                json.replace("\"user\":\"optional\"", "\"user\":\"optional\",\"x\":1"))))
                .hasMessageContaining("SP0010");
        assertThat(catchThrowableOfType(
                        InvalidDocumentException.class,
                        () -> DocumentSet.ofJson(json.replace(",\"user\":\"optional\"", ""))))
                .hasMessageContaining("SP0011");
        assertThat(catchThrowableOfType(
                        InvalidDocumentException.class,
                        () -> DocumentSet.ofJson(json.replace("\"policies\":[", "\"policies\":[{},"))))
                .hasMessageContaining("policies[0].kind: missing");
    }

    private static List<String> problems(String text) {
        try {
            load(text);
            return List.of();
        } catch (InvalidDocumentException invalid) {
            return invalid.problems().stream().map(Problem::toString).toList();
        }
    }

    private static DocumentSet load(String text) throws InvalidDocumentException {
        return DocumentSet.load(List.of(new Source("shop.yaml", text)));
    }
}
