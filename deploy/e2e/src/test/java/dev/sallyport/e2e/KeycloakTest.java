package dev.sallyport.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real identity provider in front of two real sidecars, in the order of a bad week: users log in, keys are rotated with and without overlap, and the provider is gone for longer than
 * the mesh wants to believe its keys. One Keycloak, two realms: {@code shop} with the default {@code maxStale}, {@code brief} with the seconds that a test has.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class KeycloakTest {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final Duration MAX_STALE = Duration.ofSeconds(20);
    /** Keys are asked for again after a quarter of {@code maxStale}. */
    private static final Duration REFRESH = MAX_STALE.dividedBy(4);

    private static final String BACK = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: back}
            spec:
              service: back
              routes:
                order: {match: "POST /orders", allow: {customer: {from: [front], user: {issuer: shop, anyRole: [customer]}}}}
            """;
    private static final String BRIEF_ROUTE = """
                hurry: {match: "POST /hurries", allow: {customer: {from: [front], user: {issuer: brief, anyRole: [customer]}}}}
            """;

    @TempDir
    static Path folder;

    private static Keycloak keycloak;
    private static KeycloakRealm shop;
    private static KeycloakRealm brief;
    private static Mesh mesh;
    private static Running front;

    @BeforeAll
    static void start() throws Exception {
        keycloak = Keycloak.start(folder);
        shop = KeycloakRealm.create(keycloak, "shop");
        brief = KeycloakRealm.create(keycloak, "brief");
        mesh = Mesh.start(folder, _ -> Map.of("mesh.yaml", meshDocument(""), "back.yaml", BACK));
        front = mesh.startFront();
        Running back = mesh.startBack();
        mesh.createToken("front");
        mesh.createToken("back");
        front.ready();
        back.ready();
    }

    @AfterAll
    static void stop() throws Exception {
        mesh.close();
        keycloak.close();
    }

    private static String meshDocument(String moreIssuers) {
        return """
                apiVersion: sallyport.dev/v1
                kind: Mesh
                metadata: {name: small}
                spec:
                  trustDomain: small.example
                  issuers:
                    shop: {issuer: "%s", audiences: [shop-api], algorithms: [ES256], roles: realm_access.roles}
                %s
                  services:
                    front: {identity: spiffe://small.example/sa/front, ports: {8080: http}}
                    back: {identity: spiffe://small.example/sa/back, ports: {8080: http}}
                """.formatted(shop.issuer(), moreIssuers);
    }

    @Test
    @Order(1)
    void userWhoLoggedInIsAllowedByTheRolesOfTheRealm() {
        Http.Answer answer = order(shop.login("alice")).expect(200);
        JsonNode headers = answer.json().path("headers");
        assertThat(headers.at("/x-sallyport-user/0").asText()).isEqualTo(shop.idOf("alice"));
        assertThat(headers.at("/x-sallyport-issuer/0").asText()).isEqualTo("shop");
        assertThat(headers.at("/x-sallyport-roles/0").asText().split(",")).contains("customer");
        assertThat(headers.has("authorization")).isFalse();
    }

    @Test
    @Order(2)
    void userWithoutTheRoleOrForAnotherAudienceIsRefused() {
        assertRefused(order(shop.login("bob")), 403, "role_missing");
        assertRefused(order(shop.loginForAnotherAudience("alice")), 401, "token_audience");
        assertRefused(order(brief.login("alice")), 401, "token_issuer");
    }

    @Test
    @Order(3)
    void rotationWithOverlapCostsOneRefreshAndNoOldToken() {
        String old = shop.login("alice");
        shop.addKey("second", 200);
        shop.retireKey(KeycloakRealm.FIRST_KEY);
        String young = shop.login("alice");
        assertThat(shop.publishedKeys()).containsExactlyInAnyOrder(KeycloakRealm.kid(old), KeycloakRealm.kid(young));
        long fetches = shop.keyFetches();

        order(old).expect(200);
        assertRefused(order(young), 401, "token_key_unknown"); // at once: nobody waits for an identity provider
        awaitAccepted("/orders", young);
        order(old).expect(200);
        assertThat(shop.keyFetches() - fetches).isEqualTo(1);
    }

    @Test
    @Order(4)
    void keysThatNobodyKnowsDoNotCostTheirIssuerMoreRefreshes() {
        long fetches = shop.keyFetches();
        String claimsAndSignature = shop.login("alice").replaceFirst("^[^.]*", "");
        for (int i = 0; i < 20; i++) {
            String header = "{\"alg\":\"ES256\",\"typ\":\"JWT\",\"kid\":\"nobody-" + i + "\"}";
            String foreign = Base64.getUrlEncoder().withoutPadding().encodeToString(header.getBytes(UTF_8));
            assertRefused(order(foreign + claimsAndSignature), 401, "token_key_unknown");
        }
        order(shop.login("alice")).expect(200);
        assertThat(shop.keyFetches() - fetches).isLessThanOrEqualTo(1);
    }

    @Test
    @Order(5)
    void issuerMayBeDeclaredWhileTheMeshRuns() throws Exception {
        mesh.write("mesh.yaml", meshDocument("""
                    brief: {issuer: "%s", audiences: [shop-api], algorithms: [ES256], roles: realm_access.roles, maxStale: %ds}\
                """.formatted(brief.issuer(), MAX_STALE.toSeconds())));
        mesh.write("back.yaml", BACK + BRIEF_ROUTE);
        String token = brief.login("alice");
        await().atMost(DEADLINE).untilAsserted(() -> {
            assertThat(mesh.status().at("/documents/lastError").asText("")).isEmpty();
            assertThat(hurry(token).status()).isEqualTo(200);
        });
    }

    @Test
    @Order(6)
    void rotationWithoutOverlapEndsTheTokensOfTheRemovedKey() {
        String old = brief.login("alice");
        hurry(old).expect(200);
        brief.addKey("second", 200);
        brief.removeKey(KeycloakRealm.FIRST_KEY);
        String young = brief.login("alice");
        assertThat(brief.publishedKeys()).containsExactly(KeycloakRealm.kid(young));
        awaitAccepted("/hurries", young);
        // Keys may have been fetched between the two changes, when both were published.
        await().atMost(DEADLINE).untilAsserted(() -> assertRefused(hurry(old), 401, "token_key_unknown"));
    }

    @Test
    @Order(7)
    void issuedTokensOutliveAnOutageUntilMaxStale() throws Exception {
        String token = brief.login("alice");
        String patient = shop.login("alice");
        hurry(token).expect(200);
        order(patient).expect(200);

        keycloak.stop();
        // The keys were fetched at most a refresh before: they are good for three more, and two are waited for.
        await().during(REFRESH.multipliedBy(2))
                .atMost(MAX_STALE)
                .untilAsserted(() -> assertThat(hurry(token).status()).isEqualTo(200));
        assertThat(issuer("brief").path("error").asText()).contains("Connection refused");

        await().atMost(MAX_STALE.plus(DEADLINE))
                .untilAsserted(() -> assertThat(hurry(token).status()).isEqualTo(401));
        assertRefused(hurry(token), 401, "token_key_unknown");
        order(patient).expect(200); // its issuer's keys are believed for a day
    }

    @Test
    @Order(8)
    void statusShowsWhatIsLeftOfEachIssuer() {
        assertThat(issuer("brief").path("keys").asInt()).isZero();
        assertThat(issuer("shop").path("keys").asInt()).isPositive();
        Shell.Result status = Shell.sallyport("status", "--context", mesh.context());
        assertThat(status.out()).contains("issuer brief").contains("Connection refused");
    }

    private static JsonNode issuer(String name) {
        for (JsonNode issuer : mesh.status().path("issuers")) {
            if (issuer.path("name").asText().equals(name)) {
                return issuer;
            }
        }
        throw new AssertionError("status knows no issuer " + name);
    }

    private static Http.Answer order(String token) {
        return post("/orders", token);
    }

    private static Http.Answer hurry(String token) {
        return post("/hurries", token);
    }

    private static Http.Answer post(String path, String token) {
        String back = front.ready().at("/upstreams/back").asText();
        return Http.send("POST", "http://" + back + path, "x=1", "authorization", "Bearer " + token);
    }

    private static void awaitAccepted(String path, String token) {
        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(post(path, token).status()).isEqualTo(200));
    }

    private static void assertRefused(Http.Answer answer, int status, String reason) {
        String id = answer.expect(status).json().path("decisionId").asText();
        await().atMost(DEADLINE)
                .untilAsserted(() -> assertThat(mesh.record("back", id)
                                .path("sallyport.authz.reason")
                                .asText())
                        .isEqualTo(reason));
    }
}
