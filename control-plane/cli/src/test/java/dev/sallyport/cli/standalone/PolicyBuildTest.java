package dev.sallyport.cli.standalone;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.cli.testing.Ran;
import dev.sallyport.cli.testing.ShopDocuments;
import dev.sallyport.contract.JwkFile;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.SignedSnapshot;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.policy.DocumentSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PolicyBuildTest {
    @TempDir
    private Path folder;

    private Path documents;
    private Path key;
    private Path publicKey;
    private Path out;

    @BeforeEach
    void write() throws IOException {
        documents = ShopDocuments.write(folder.resolve("documents"));
        key = folder.resolve("signing.jwk");
        publicKey = folder.resolve("signing.pub.jwk");
        out = folder.resolve("payment.jws");
        sallyport("policy", "key", key).held();
    }

    private Ran build(Object... more) {
        List<Object> words = new ArrayList<>(
                List.of("policy", "build", documents, "--service", "payment", "--key", key, "--out", out));
        words.addAll(Arrays.asList(more));
        return sallyport(words.toArray());
    }

    private MeshSnapshot built() throws Exception {
        return SignedSnapshot.ofBytes(Files.readAllBytes(out))
                .verify(
                        JwkFile.ofPublic("key", Files.readAllBytes(publicKey)),
                        SpiffeId.parse("spiffe://shop.example/sa/payment"));
    }

    private static String mode(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }

    @Test
    void keyIsTheOwnersAndItsPublicHalfIsNoSecret() throws Exception {
        assertThat(mode(key)).isEqualTo("rw-------");
        assertThat(mode(publicKey)).endsWith("r--");
        String secret = JwkFile.ofPrivate("key", Files.readAllBytes(key)).getD().toString();
        assertThat(Files.readString(publicKey)).doesNotContain(secret);

        Ran again = sallyport("policy", "key", key).refused(1, "signing.jwk: exists");
        assertThat(again.toString()).doesNotContain(secret);
        sallyport("policy", "key", folder.resolve("key")).refused(2, "ends in .jwk");
        JsonNode json = sallyport("policy", "key", folder.resolve("b.jwk"), "-o", "json")
                .held()
                .json();
        assertThat(json.path("publicFile").asText()).endsWith("/b.pub.jwk");
        assertThat(json.fieldNames()).toIterable().containsExactly("file", "publicFile", "keyId");
    }

    @Test
    void snapshotHoldsWhatConcernsTheServiceAndCountsForThirtyDays() throws Exception {
        JsonNode json = build("-o", "json").held().json();
        MeshSnapshot snapshot = built();
        assertThat(DocumentSet.ofJson(snapshot.policy().documents()).policies()).containsOnlyKeys("payment");
        assertThat(snapshot.validUntil()).isEqualTo(snapshot.issuedAt().plus(Duration.ofDays(30)));
        assertThat(snapshot.epoch()).isEqualTo(1);
        assertThat(snapshot.trust().bundles()).isEmpty();
        assertThat(json.path("recipient").asText()).isEqualTo("spiffe://shop.example/sa/payment");
        assertThat(json.path("revision").asLong()).isEqualTo(snapshot.revision());
        assertThat(json.path("digest").asText()).isEqualTo(snapshot.policy().digest());
        assertThat(json.path("validUntil").asText())
                .isEqualTo(snapshot.validUntil().toString());
        assertThat(mode(out)).endsWith("r--");
    }

    @Test
    void resultIsOneLineAndWhatIsMissingIsSaid() throws Exception {
        Ran ran = build("--valid-for", "12h").held();
        assertThat(ran.out())
                .startsWith(out + ": for spiffe://shop.example/sa/payment, epoch 1, revision ")
                .contains("in 12h 0m")
                .hasLineCount(1);
        assertThat(ran.err()).isEqualTo("sallyport: issuer shop: no --jwks, its tokens will be refused\n");
        assertThat(built().validUntil()).isBefore(Instant.now().plus(Duration.ofHours(13)));
    }

    @Test
    void keysEndpointsAndBundleTravelInIt() throws Exception {
        Path jwks = Files.writeString(
                folder.resolve("shop.json"), new JWKSet(JwkFile.generate().toPublicJWK()).toString());
        TrustBundle bundle = EmbeddedAuthority.open(
                        folder.resolve("ca"),
                        TrustDomain.parse("shop.example"),
                        KeyEncryption.fromFile(folder.resolve("ca.key")),
                        Clock.systemUTC())
                .trustBundle();
        Path pem = Files.writeString(folder.resolve("bundle.pem"), bundle.toPem());
        Ran ran = build(
                        "--jwks",
                        "shop=" + jwks,
                        "--trust-bundle",
                        pem,
                        "--endpoint",
                        "orders=10.0.0.1:15006",
                        "--endpoint",
                        "orders=[::1]:15006")
                .held();
        assertThat(ran.err()).isEmpty();
        MeshSnapshot snapshot = built();
        assertThat(snapshot.keys().jwksByIssuer()).containsOnlyKeys("shop");
        assertThat(snapshot.trust().bundles()).containsExactly(bundle);
        assertThat(snapshot.endpoints().byService())
                .containsExactly(
                        Map.entry("orders", List.of(new HostPort("10.0.0.1", 15006), new HostPort("::1", 15006))));
    }

    @Test
    void laterBuildAlwaysSupersedes() throws Exception {
        build().held();
        MeshSnapshot first = built();
        build().held();
        MeshSnapshot second = built();
        assertThat(second.newerThan(first)).isTrue();
        Files.delete(out); // another machine builds the next
        await().until(() -> Instant.now().getEpochSecond() > second.revision());
        build().held();
        assertThat(built().newerThan(second)).isTrue();
    }

    @Test
    void clockThatWasSetBackIsMadeUpForByTheFileThatIsReplaced() throws Exception {
        build().held();
        MeshSnapshot now = built();
        MeshSnapshot ahead = new MeshSnapshot(
                now.mesh(),
                now.recipient(),
                now.service(),
                3,
                now.revision() + 1_000_000,
                now.issuedAt().plusSeconds(1_000_000),
                now.validUntil(),
                now.trust(),
                now.keys(),
                now.revocations(),
                now.policy(),
                now.endpoints());
        ECKey signing = JwkFile.ofPrivate("key", Files.readAllBytes(key));
        Files.write(out, SignedSnapshot.sign(ahead, signing).toBytes());
        build().held();
        assertThat(built().newerThan(ahead)).isTrue();
        assertThat(built().epoch()).isEqualTo(3);
        build("--epoch", "2").refused(2, "--epoch: 2 (expected: at least 3");
        build("--epoch", "4").held();
        assertThat(built().epoch()).isEqualTo(4);
    }

    @Test
    void namesThatTheMeshDoesNotDeclareAreWrongUsage() {
        sallyport("policy", "build", documents, "--service", "paymnt", "--key", key)
                .refused(2, "--service: paymnt", "did you mean payment?");
        build("--jwks", "shp=" + key).refused(2, "--jwks: shp", "did you mean shop?");
        build("--endpoint", "ordrs=10.0.0.1:1").refused(2, "--endpoint: ordrs", "did you mean orders?");
        build("--endpoint", "orders").refused(2, "--endpoint: orders (expected: SERVICE=HOST:PORT)");
        build("--endpoint", "orders=10.0.0.1:0").refused(2, "--endpoint");
        build("--valid-for", "0s").refused(2, "--valid-for: 0s (expected: more than nothing");
        build("--valid-for", "367d").refused(2, "--valid-for: 367d");
        assertThat(out).doesNotExist();
    }

    @Test
    void keyThatCannotSignIsRefusedAndNeverPrinted() throws Exception {
        String secret = JwkFile.ofPrivate("key", Files.readAllBytes(key)).getD().toString();
        key = publicKey;
        build().refused(3, "--key: " + publicKey + ": a public key (expected: the private one, which signs)");
        key = folder.resolve("none.jwk");
        build().refused(1, "none.jwk: not found");
        key = folder.resolve("signing.jwk");
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-r-----"));
        build().refused(1, "others can read it", "chmod 600 " + key);
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        Files.writeString(key, Files.readString(key).replace("P-256", "P-384"));
        assertThat(build().refused(3, "--key: " + key).toString()).doesNotContain(secret);
        assertThat(out).doesNotExist();
    }

    @Test
    void secretsAndNonsenseAmongTheInputsAreRefused() throws Exception {
        String secret = JwkFile.ofPrivate("key", Files.readAllBytes(key)).getD().toString();
        Path jwks = Files.writeString(folder.resolve("bad.json"), "{\"keys\":[" + Files.readString(key) + "]}");
        assertThat(build("--jwks", "shop=" + jwks)
                        .refused(3, "--jwks: shop=" + jwks, "public keys")
                        .toString())
                .doesNotContain(secret);
        Path good = Files.writeString(folder.resolve("good.json"), "{\"keys\":[]}");
        build("--jwks", "shop=" + good, "--jwks", "shop=" + good).refused(2, "two for shop");
        build("--trust-bundle", good).refused(3, "--trust-bundle: " + good);
        build("--trust-bundle", folder.resolve("none.pem")).refused(1, "none.pem: not found");
        assertThat(out).doesNotExist();
    }

    @Test
    void fileThatIsNoSnapshotIsNotReplaced() throws Exception {
        Files.writeString(out, "precious");
        build().refused(1, "--out: " + out + ": exists and is no snapshot");
        assertThat(out).hasContent("precious");
    }

    @Test
    void documentsThatDoNotLoadAreRefusedWithEveryProblem() throws Exception {
        ShopDocuments.write(documents, ShopDocuments.PAYMENT.replace("from: [orders]", "from: [ordrs]"));
        build().refused(3, "payment.yaml:", "ordrs");
        assertThat(out).doesNotExist();
    }
}
