package dev.sallyport.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** A realm that signs with ES256, for the audience {@code shop-api}: alice is a customer, bob is nobody in particular. */
final class KeycloakRealm {
    private static final String CLIENT = "shop-web";
    private static final String OTHER_CLIENT = "other-web";
    static final String FIRST_KEY = "first";
    private static final String PASSWORD = "correct horse";
    private static final String KEY_PROVIDER = "org.keycloak.keys.KeyProvider";

    private final Keycloak keycloak;
    private final String name;

    private KeycloakRealm(Keycloak keycloak, String name) {
        this.keycloak = keycloak;
        this.name = name;
    }

    static KeycloakRealm create(Keycloak keycloak, String name) {
        keycloak.admin("POST", "", """
                {"realm": "%s", "enabled": true, "sslRequired": "none", "defaultSignatureAlgorithm": "ES256", "accessTokenLifespan": 900,
                 "roles": {"realm": [{"name": "customer"}]},
                 "clients": [%s, %s],
                 "users": [%s, %s],
                 "components": {"%s": [%s]}}
                """.formatted(
                                name,
                                client(CLIENT, "shop-api"),
                                client(OTHER_CLIENT, "other-api"),
                                user("alice", "\"customer\""),
                                user("bob", ""),
                                KEY_PROVIDER,
                                key(FIRST_KEY, 100)))
                .expect(201);
        return new KeycloakRealm(keycloak, name);
    }

    private static String client(String id, String audience) {
        return """
                {"clientId": "%s", "publicClient": true, "directAccessGrantsEnabled": true, "standardFlowEnabled": false,
                 "protocolMappers": [{"name": "audience", "protocol": "openid-connect", "protocolMapper": "oidc-audience-mapper",
                   "config": {"included.custom.audience": "%s", "access.token.claim": "true"}}]}\
                """.formatted(id, audience);
    }

    /** Complete: a user without a name or an address may not log in. */
    private static String user(String name, String roles) {
        return """
                {"username": "%s", "enabled": true, "firstName": "%s", "lastName": "Example", "email": "%s@shop.example", "emailVerified": true,
                 "realmRoles": [%s], "credentials": [{"type": "password", "value": "%s", "temporary": false}]}\
                """.formatted(name, name, name, roles, PASSWORD);
    }

    private static String key(String name, int priority) {
        return """
                {"name": "%s", "providerId": "ecdsa-generated",
                 "config": {"priority": ["%d"], "enabled": ["true"], "active": ["true"], "ecdsaEllipticCurveKey": ["P-256"]}}\
                """.formatted(name, priority);
    }

    String issuer() {
        return keycloak.issuer(name);
    }

    long keyFetches() {
        return keycloak.keyFetches(name);
    }

    String login(String user) {
        return keycloak.login(name, CLIENT, user, PASSWORD);
    }

    /** The same user's token for another API. */
    String loginForAnotherAudience(String user) {
        return keycloak.login(name, OTHER_CLIENT, user, PASSWORD);
    }

    /** The subject of tokens, which is not the name. */
    String idOf(String user) {
        return keycloak.adminRead("/" + name + "/users?exact=true&username=" + user)
                .path(0)
                .path("id")
                .asText();
    }

    /** A new key signs from now on, where its priority is the highest. */
    void addKey(String key, int priority) {
        ObjectNode component = (ObjectNode) Mesh.json(key(key, priority));
        component.put("providerType", KEY_PROVIDER);
        keycloak.admin("POST", "/" + name + "/components", component.toString()).expect(201);
    }

    /** The key signs nothing any more, and is published still. */
    void retireKey(String key) {
        ObjectNode component = component(key);
        component.withObjectProperty("config").putArray("active").add("false");
        keycloak.admin("PUT", path(component), component.toString()).expect(204);
    }

    void removeKey(String key) {
        keycloak.admin("DELETE", path(component(key)), "").expect(204);
    }

    private ObjectNode component(String key) {
        JsonNode found = keycloak.adminRead("/" + name + "/components?type=" + KEY_PROVIDER + "&name=" + key);
        return (ObjectNode) found.required(0);
    }

    private String path(ObjectNode component) {
        return "/" + name + "/components/" + component.required("id").asText();
    }

    /** The names of the keys that it publishes for ES256. */
    List<String> publishedKeys() {
        List<String> keys = new ArrayList<>();
        for (JsonNode key : Http.send("GET", issuer() + "/protocol/openid-connect/certs", "")
                .expect(200)
                .json()
                .path("keys")) {
            if (key.path("alg").asText().equals("ES256")) {
                keys.add(key.path("kid").asText());
            }
        }
        return keys;
    }

    /** Which key signed. */
    static String kid(String token) {
        byte[] header = Base64.getUrlDecoder().decode(token.substring(0, token.indexOf('.')));
        return Mesh.json(new String(header, StandardCharsets.UTF_8)).path("kid").asText();
    }
}
