package dev.sallyport.demo;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * The shop's identity provider, {@code sallyport demo-issuer --listen 127.0.0.1:0}: discovery, a key set, and real ES256 tokens for whoever asks. It asks nobody for a password, so it
 * listens on loopback only and its key lives as long as the process.
 */
public final class DemoIssuer {
    private static final int REQUEST_BYTES_MAX = 64 * 1024;

    private final String issuer;
    private final String audience;
    private final ECKey key;
    private final Clock clock;

    /** {@code issuer}: the base URL, which is the {@code iss} of every token. */
    DemoIssuer(String issuer, String audience, Clock clock) throws JOSEException {
        this.issuer = issuer;
        this.audience = audience;
        this.clock = clock;
        this.key = new ECKeyGenerator(Curve.P_256)
                .keyUse(KeyUse.SIGNATURE)
                .algorithm(JWSAlgorithm.ES256)
                .keyIDFromThumbprint(true)
                .generate();
    }

    public static void main(String[] args) throws Exception {
        LocalServer.tune();
        try {
            Flags flags = Flags.parse(args, Set.of("--listen", "--audience"), Set.of("--end-with-stdin"));
            String audience = flags.optional("--audience").orElse("shop-api");
            try (LocalServer server = LocalServer.bind(flags.loopback("--listen"))) {
                String issuer = "http://" + server.address();
                server.serve(new DemoIssuer(issuer, audience, Clock.systemUTC())::handle);
                System.out.println(new Json()
                        .text("ready", "demo-issuer")
                        .text("issuer", issuer)
                        .text("token", issuer + "/token"));
                LocalServer.awaitEnd(flags.has("--end-with-stdin"));
            }
            System.exit(0);
        } catch (Flags.UsageException e) {
            LocalServer.refuse("demo-issuer: " + e.getMessage(), 2);
        } catch (IOException e) {
            LocalServer.refuse("demo-issuer: cannot listen: " + e.getMessage() + " (expected: a free port)", 1);
        }
    }

    void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(REQUEST_BYTES_MAX);
        switch (exchange.getRequestMethod() + " " + exchange.getRequestURI().getPath()) {
            case "GET /.well-known/openid-configuration" -> json(exchange, 200, discovery());
            case "GET /jwks.json" -> json(exchange, 200, new JWKSet(key).toString());
            case "POST /token" -> token(exchange, new String(body, StandardCharsets.UTF_8));
            default -> json(exchange, 404, new Json().text("error", "not_found").toString());
        }
    }

    /** OpenID Connect Discovery 1.0 section 3: what a relying party needs, and no more. */
    private String discovery() {
        return new Json()
                .text("issuer", issuer)
                .text("jwks_uri", issuer + "/jwks.json")
                .text("token_endpoint", issuer + "/token")
                .texts("id_token_signing_alg_values_supported", List.of("ES256"))
                .texts("response_types_supported", List.of("token"))
                .texts("subject_types_supported", List.of("public"))
                .toString();
    }

    private void token(HttpExchange exchange, String body) throws IOException {
        try {
            String type = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Type"));
            TokenRequest request = type.contains("json") ? TokenRequest.ofJson(body) : TokenRequest.ofForm(body);
            Json answer = new Json()
                    .text("access_token", sign(request))
                    .text("token_type", "Bearer")
                    .raw("expires_in", Long.toString(request.life().toSeconds()));
            json(exchange, 200, answer.toString());
        } catch (TokenRequest.InvalidException e) {
            json(
                    exchange,
                    400,
                    new Json()
                            .text("error", "invalid_request")
                            .text("error_description", e.problem())
                            .toString());
        } catch (JOSEException e) {
            throw new IOException(e);
        }
    }

    private String sign(TokenRequest request) throws JOSEException {
        Instant now = clock.instant();
        Instant expires = now.plus(request.life());
        // A token that is over already was made before it ended: its times must not contradict each other.
        Instant issued = request.life().isPositive() ? now : expires.minus(TokenRequest.LIFE);
        JWTClaimsSet.Builder claims = new JWTClaimsSet.Builder();
        request.claims().forEach(claims::claim);
        claims.issuer(issuer)
                .subject(request.subject())
                .audience(request.audience().orElse(audience))
                .issueTime(Date.from(issued))
                .expirationTime(Date.from(expires))
                .jwtID(UUID.randomUUID().toString())
                .claim("roles", request.roles());
        JWSHeader header = new JWSHeader.Builder(JWSAlgorithm.ES256)
                .type(JOSEObjectType.JWT)
                .keyID(key.getKeyID())
                .build();
        SignedJWT token = new SignedJWT(header, claims.build());
        token.sign(new ECDSASigner(key));
        return token.serialize();
    }

    private static void json(HttpExchange exchange, int status, String body) throws IOException {
        LocalServer.respond(exchange, status, "application/json", body);
    }
}
