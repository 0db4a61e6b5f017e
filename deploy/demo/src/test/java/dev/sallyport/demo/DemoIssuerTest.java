package dev.sallyport.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.util.JSONObjectUtils;
import com.nimbusds.jwt.SignedJWT;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class DemoIssuerTest {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

    private LocalServer server;
    private String base;

    @BeforeEach
    void start() throws Exception {
        server = LocalServer.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        base = "http://" + server.address();
        server.serve(new DemoIssuer(base, "shop-api", Clock.fixed(NOW, ZoneOffset.UTC))::handle);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void tokenVerifiesWithTheKeyThatDiscoveryLeadsTo() throws Exception {
        Map<String, Object> discovery =
                JSONObjectUtils.parse(get("/.well-known/openid-configuration").body());
        assertThat(discovery).containsEntry("issuer", base);
        String jwks = get(String.valueOf(discovery.get("jwks_uri")).substring(base.length()))
                .body();
        assertThat(jwks).doesNotContain("\"d\"");
        SignedJWT token = token(
                "application/json",
                "{\"sub\":\"alice\",\"roles\":[\"customer\"],\"claims\":{\"dept\":\"payments\",\"amr\":[\"mfa\"]}}");
        JWKSet keys = JWKSet.parse(jwks);
        assertThat(token.verify(new ECDSAVerifier(
                        keys.getKeyByKeyId(token.getHeader().getKeyID()).toECKey())))
                .isTrue();
        assertThat(token.getJWTClaimsSet().getIssuer()).isEqualTo(base);
        assertThat(token.getJWTClaimsSet().getSubject()).isEqualTo("alice");
        assertThat(token.getJWTClaimsSet().getAudience()).containsExactly("shop-api");
        assertThat(token.getJWTClaimsSet().getStringListClaim("roles")).containsExactly("customer");
        assertThat(token.getJWTClaimsSet().getStringClaim("dept")).isEqualTo("payments");
        assertThat(token.getJWTClaimsSet().getExpirationTime()).isEqualTo(NOW.plusSeconds(300));
    }

    @Test
    void formIsReadAsJsonIs() throws Exception {
        SignedJWT token = token(
                "application/x-www-form-urlencoded",
                "sub=bob&roles=finance,support&aud=other&expiresIn=60&claims=%7B%22dept%22%3A%22x%22%7D");
        assertThat(token.getJWTClaimsSet().getSubject()).isEqualTo("bob");
        assertThat(token.getJWTClaimsSet().getAudience()).containsExactly("other");
        assertThat(token.getJWTClaimsSet().getStringListClaim("roles")).containsExactly("finance", "support");
        assertThat(token.getJWTClaimsSet().getExpirationTime()).isEqualTo(NOW.plusSeconds(60));
    }

    @Test
    void expiredTokenIsConsistentInItself() throws Exception {
        SignedJWT token = token("application/json", "{\"sub\":\"alice\",\"expiresIn\":-120}");
        assertThat(token.getJWTClaimsSet().getExpirationTime()).isEqualTo(NOW.minusSeconds(120));
        assertThat(token.getJWTClaimsSet().getIssueTime())
                .isBefore(token.getJWTClaimsSet().getExpirationTime());
    }

    @Test
    void claimsCannotReplaceWhatTheIssuerStates() throws Exception {
        SignedJWT token = token(
                "application/json", "{\"sub\":\"alice\",\"claims\":{\"iss\":\"https://other\",\"sub\":\"root\"}}");
        assertThat(token.getJWTClaimsSet().getIssuer()).isEqualTo(base);
        assertThat(token.getJWTClaimsSet().getSubject()).isEqualTo("alice");
    }

    @Test
    void badRequestsAreNamed() throws Exception {
        for (String body : List.of("", "{}", "{\"sub\":\"\"}", "{\"sub\":\"a\",\"expiresIn\":\"soon\"}", "[1]")) {
            HttpResponse<String> answer = post("application/json", body);
            assertThat(answer.statusCode()).as(body).isEqualTo(400);
            assertThat(answer.body()).as(body).contains("expected");
        }
        assertThat(post("application/x-www-form-urlencoded", "sub=%zz").statusCode())
                .isEqualTo(400);
        assertThat(get("/elsewhere").statusCode()).isEqualTo(404);
    }

    private SignedJWT token(String type, String body) throws Exception {
        HttpResponse<String> answer = post(type, body);
        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        return SignedJWT.parse(
                String.valueOf(JSONObjectUtils.parse(answer.body()).get("access_token")));
    }

    private HttpResponse<String> post(String type, String body) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(base + "/token"))
                        .header("Content-Type", type)
                        .POST(HttpRequest.BodyPublishers.ofString(body))
                        .build(),
                HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path) throws Exception {
        return CLIENT.send(
                HttpRequest.newBuilder(URI.create(base + path)).build(), HttpResponse.BodyHandlers.ofString());
    }
}
