package dev.sallyport.proxy;

import static dev.sallyport.proxy.testing.Forge.quoted;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.testing.Forge;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Hop tokens of alice, a customer of issuer shop, as whoever has this SVID would sign them, with whatever a test changes. */
record HopForge(X509Svid svid) {
    /** Its key, as one that no certificate is about would look as well. */
    ECKey key() {
        return new ECKey.Builder(
                        Curve.P_256, (ECPublicKey) svid.chain().getFirst().getPublicKey())
                .privateKey(svid.privateKey())
                .build();
    }

    /** {@code changes}: a member's name, then its JSON, or nothing to leave it out. */
    String header(String... changes) {
        return Forge.object(Map.of("alg", "\"ES256\"", "typ", "\"txntoken+jwt\"", "x5c", chain(svid.chain())), changes);
    }

    /** The JSON of {@code x5c}. */
    static String chain(List<X509Certificate> certificates) {
        return certificates.stream()
                .map(certificate -> quoted(Base64.getEncoder().encodeToString(der(certificate))))
                .collect(Collectors.joining(",", "[", "]"));
    }

    private static byte[] der(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new AssertionError(e);
        }
    }

    /** As {@link #header}. */
    static String payload(String... changes) {
        long now = Instant.now().getEpochSecond();
        return Forge.object(
                Map.of(
                        "v",
                        "1",
                        "aud",
                        "\"spiffe://shop.example\"",
                        "txn",
                        "\"00112233445566778899aabbccddeeff\"",
                        "sub",
                        "\"alice\"",
                        "iat",
                        Long.toString(now - 10),
                        "exp",
                        Long.toString(now + 200),
                        "tctx",
                        context()),
                changes);
    }

    /** The JSON of {@code tctx}. */
    static String context(String... changes) {
        return Forge.object(
                Map.of(
                        "iss",
                        "\"shop\"",
                        "iat",
                        Long.toString(Instant.now().getEpochSecond() - 60),
                        "roles",
                        "[\"customer\"]",
                        "scopes",
                        "[]",
                        "claims",
                        "{}"),
                changes);
    }

    /** The field. */
    String signed(String header, String payload) {
        return field(Forge.token(key(), header, payload));
    }

    /** The field with a good token but for {@code changes} of its payload. */
    String token(String... changes) {
        return signed(header(), payload(changes));
    }

    static String field(String token) {
        return "Txn-Token: " + token;
    }
}
