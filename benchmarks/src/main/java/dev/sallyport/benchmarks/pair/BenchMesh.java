package dev.sallyport.benchmarks.pair;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;

/**
 * The mesh of the bench: service {@code load} calls service {@code backend}, for a user whom a token proves. In its folder lie certificates, the issuer's keys and the documents.
 *
 * @param token of the user, an ES256 JWT that outlives the bench
 */
public record BenchMesh(Path folder, String token) {
    static final String CALLER = "load";
    static final String CALLEE = "backend";

    /** Routes that are never asked, each with two rules; with those that are, the service has {@link #RULES}. */
    private static final int OTHER_ROUTES = 8;

    static final int RULES = 2 * (OTHER_ROUTES + 2);
    private static final String TRUST_DOMAIN = "bench.example";
    private static final String ISSUER = "https://issuer.bench.example";
    private static final Duration TOKEN_LIFE = Duration.ofHours(12);

    private static final String MESH =
            """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: bench}
            spec:
              trustDomain: %s
              issuers:
                bench: {issuer: "%s", audiences: [bench], algorithms: [ES256], roles: roles}
              services:
                load: {identity: "%s", ports: {8080: http}}
                other: {identity: "%s", ports: {8080: http}}
                backend: {identity: "%s", ports: {8080: http}}
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: backend}
            spec:
              service: backend
              routes:
            """.formatted(TRUST_DOMAIN, ISSUER, identity("load"), identity("other"), identity("backend"));

    /** The second rule is the one that allows: the first names another caller. */
    private static final String ROUTE = """
                %s:
                  match: "%s"
                  audit: buffered
                  allow:
                    others: {from: [other], user: {issuer: bench, anyRole: [operator]}}
                    load: {from: [load], user: {issuer: bench, anyRole: [customer, operator]}}
            """;

    /** Makes everything anew. */
    public static BenchMesh write(Path folder) throws IOException {
        Certificates.write(folder, List.of(CALLER, CALLEE));
        StringBuilder documents = new StringBuilder(MESH);
        documents.append(ROUTE.formatted("bytes", "GET /bytes/{count}")).append(ROUTE.formatted("sink", "PUT /sink"));
        for (int i = 0; i < OTHER_ROUTES; i++) {
            documents.append(ROUTE.formatted("other" + i, "GET /other" + i + "/{id}"));
        }
        Files.writeString(folder.resolve("mesh.yaml"), documents);
        try {
            ECKey key = new ECKeyGenerator(Curve.P_256).keyID("one").generate();
            Files.writeString(folder.resolve("issuer.jwks"), new JWKSet(key.toPublicJWK()).toString());
            return new BenchMesh(folder, token(key));
        } catch (JOSEException e) {
            throw new IOException("token: " + e.getMessage(), e);
        }
    }

    private static String token(ECKey key) throws JOSEException {
        Instant now = Instant.now();
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
                new JWTClaimsSet.Builder()
                        .issuer(ISSUER)
                        .subject("alice")
                        .audience("bench")
                        .issueTime(Date.from(now.minusSeconds(60)))
                        .expirationTime(Date.from(now.plus(TOKEN_LIFE)))
                        .claim("roles", List.of("customer"))
                        .build());
        token.sign(new ECDSASigner(key));
        return token.serialize();
    }

    /** The SPIFFE ID of a service. */
    static String identity(String service) {
        return "spiffe://" + TRUST_DOMAIN + "/sa/" + service;
    }

    /** Its DNS name, for proxies that know no SPIFFE IDs. */
    static String host(String service) {
        return service + "." + TRUST_DOMAIN;
    }

    /** Header lines of every request, the same for every configuration. */
    public String headers() {
        return "host: " + host(CALLEE) + "\r\naccept: */*\r\nuser-agent: sallyport-bench\r\nauthorization: Bearer "
                + token + "\r\n";
    }

    Path file(String name) {
        return folder.resolve(name);
    }
}
