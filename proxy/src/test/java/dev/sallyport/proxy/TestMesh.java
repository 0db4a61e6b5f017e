package dev.sallyport.proxy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.document.HostPort;
import dev.sallyport.document.Source;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SortedMap;
import java.util.TreeMap;

/** A mesh of real certificates and real tokens: three services, one issuer, one policy for {@code orders}. */
final class TestMesh {
    static final String DOCUMENTS = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              issuers:
                shop: {issuer: "https://auth.shop.example", audiences: [shop-api], algorithms: [ES256], roles: realm_access.roles, clockSkew: 30s}
              services:
                web: {identity: "spiffe://shop.example/ns/edge/sa/web", ports: {8080: http}}
                orders: {identity: "spiffe://shop.example/ns/shop/sa/orders", ports: {8080: http}}
                payment: {identity: "spiffe://shop.example/ns/shop/sa/payment", ports: {8080: http}}
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: orders}
            spec:
              service: orders
              routes:
                open:
                  match: ["GET /open/{id}", "HEAD /open/{id}", "POST /open/{id}", "PUT /open/{id}"]
                  allow:
                    web: {from: [web], user: none}
                mine:
                  match: "GET /mine/{id}"
                  allow:
                    user: {from: [web], user: required}
                token:
                  match: GET /token
                  allow:
                    user: {from: [web], user: required, forwardToken: true}
                refund:
                  match: POST /refunds
                  allow:
                    finance: {from: [web], user: {issuer: shop, allRoles: [finance]}}
                data:
                  match: "POST /v1/data/**"
                  allow:
                    web: {from: [web], user: none}
                internal:
                  match: GET /internal
                  allow:
                    payment: {from: [payment], user: none}
            """;

    final TrustDomain trustDomain;
    final EmbeddedAuthority authority;
    final ECKey issuerKey;
    final Clock clock = Clock.systemUTC();
    final SortedMap<String, List<HostPort>> endpoints = new TreeMap<>();
    String documents = DOCUMENTS;
    /** Of issuer shop, in the next snapshot. */
    JWKSet keys;

    private long revision;

    private TestMesh(TrustDomain trustDomain, EmbeddedAuthority authority, ECKey issuerKey) {
        this.trustDomain = trustDomain;
        this.authority = authority;
        this.issuerKey = issuerKey;
        this.keys = new JWKSet(issuerKey.toPublicJWK());
    }

    static TestMesh open(Path folder) throws Exception {
        TrustDomain trustDomain = TrustDomain.parse("shop.example");
        return new TestMesh(
                trustDomain,
                authority(folder, trustDomain),
                new ECKeyGenerator(Curve.P_256).keyID("one").generate());
    }

    /** Another authority, of the same trust domain when asked: a stranger. */
    static EmbeddedAuthority authority(Path folder, TrustDomain trustDomain) throws Exception {
        return EmbeddedAuthority.open(
                folder.resolve("ca"), trustDomain, KeyEncryption.fromFile(folder.resolve("ca.key")), Clock.systemUTC());
    }

    X509Svid svid(String path) throws Exception {
        return svid(authority, trustDomain.id(path));
    }

    static X509Svid svid(EmbeddedAuthority authority, SpiffeId id) throws Exception {
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        return X509Svid.of(
                authority
                        .issue(CertificateSigningRequest.der(keys), id, Duration.ofHours(1))
                        .chain(),
                keys.getPrivate());
    }

    static String pathOf(String service) {
        return service.equals("web") ? "/ns/edge/sa/web" : "/ns/shop/sa/" + service;
    }

    void endpoint(String service, HostPort... addresses) {
        endpoints.put(service, List.of(addresses));
    }

    CompiledSnapshot snapshot(String service, Duration validity) throws Exception {
        DocumentSet documents = DocumentSet.load(List.of(new Source("test.yaml", this.documents)));
        Instant now = clock.instant();
        MeshSnapshot snapshot = MeshSnapshot.of(
                documents,
                Objects.requireNonNull(documents.mesh().services().get(service)),
                new MeshSnapshot.Edition(1, ++revision, now, now.plus(validity)),
                new MeshSnapshot.Trust(List.of(authority.trustBundle())),
                Revocations.NONE,
                new MeshSnapshot.Keys(new TreeMap<>(Map.of("shop", keys.toString()))),
                endpoints);
        return CompiledSnapshot.compile(snapshot);
    }

    String token(String subject, String... roles) throws Exception {
        return token(issuerKey, subject, Duration.ofMinutes(5), roles);
    }

    /** {@code id}: its {@code jti}. */
    String tokenWithId(String subject, String id) throws Exception {
        return token(issuerKey, subject, Duration.ofMinutes(5), new JWTClaimsSet.Builder().jwtID(id));
    }

    /** {@code claims}: beside the usual ones, or instead. */
    String tokenWith(String subject, Map<String, Object> claims, String... roles) throws Exception {
        JWTClaimsSet.Builder builder = new JWTClaimsSet.Builder();
        claims.forEach(builder::claim);
        return token(issuerKey, subject, Duration.ofMinutes(5), builder, roles);
    }

    static String token(ECKey key, String subject, Duration life, String... roles) throws Exception {
        return token(key, subject, life, new JWTClaimsSet.Builder(), roles);
    }

    private static String token(ECKey key, String subject, Duration life, JWTClaimsSet.Builder claims, String... roles)
            throws Exception {
        Instant now = Instant.now();
        SignedJWT jwt = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("one").build(),
                claims.issuer("https://auth.shop.example")
                        .subject(subject)
                        .audience("shop-api")
                        .issueTime(Date.from(now.minusSeconds(600)))
                        .expirationTime(Date.from(now.plus(life)))
                        .claim("realm_access", Map.of("roles", List.of(roles)))
                        .build());
        jwt.sign(new ECDSASigner(key));
        return jwt.serialize();
    }
}
