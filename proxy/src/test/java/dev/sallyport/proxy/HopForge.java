package dev.sallyport.proxy;

import static dev.sallyport.proxy.testing.Forge.quoted;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.testing.Forge;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Hop tokens of alice, a customer of issuer shop, as whoever has this SVID would sign them, with whatever a test changes. */
record HopForge(X509Svid svid) {
    /** Of orders, by the authority that was opened in {@code folder}, and over since half an hour. */
    static HopForge expired(TestMesh mesh, Path folder) throws Exception {
        EmbeddedAuthority then = EmbeddedAuthority.open(
                folder.resolve("ca"),
                mesh.trustDomain,
                KeyEncryption.fromFile(folder.resolve("ca.key")),
                Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-40)));
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        return new HopForge(X509Svid.of(
                then.issue(
                                CertificateSigningRequest.der(keys),
                                mesh.trustDomain.id(TestMesh.pathOf("orders")),
                                Duration.ofMinutes(10))
                        .chain(),
                keys.getPrivate()));
    }

    /** Of orders, as it says itself: whoever has a JDK can make one. */
    static HopForge selfSigned(Path folder) throws Exception {
        Path store = folder.resolve("self.p12");
        Process keytool = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "keytool")
                                .toString(),
                        "-genkeypair",
                        "-keyalg",
                        "EC",
                        "-groupname",
                        "secp256r1",
                        "-dname",
                        "CN=orders",
                        "-ext",
                        "san=uri:spiffe://shop.example/ns/shop/sa/orders",
                        "-ext",
                        "ku=digitalSignature",
                        "-keystore",
                        store.toString(),
                        "-storetype",
                        "PKCS12",
                        "-storepass",
                        "secret")
                .redirectErrorStream(true)
                .start();
        assertThat(keytool.waitFor(30, TimeUnit.SECONDS)).isTrue();
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, "secret".toCharArray());
        }
        return new HopForge(X509Svid.of(List.of((X509Certificate) keys.getCertificate("mykey")), (PrivateKey)
                keys.getKey("mykey", "secret".toCharArray())));
    }

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
