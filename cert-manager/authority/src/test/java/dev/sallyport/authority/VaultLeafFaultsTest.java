package dev.sallyport.authority;

import static dev.sallyport.authority.vault.FakeVault.error;
import static dev.sallyport.authority.vault.FakeVault.hangUp;
import static dev.sallyport.authority.vault.FakeVault.reply;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.authority.CertificateTemplate.Names;
import dev.sallyport.authority.CertificateTemplate.Validity;
import dev.sallyport.authority.vault.FakeVault;
import dev.sallyport.authority.vault.FakeVault.Reply;
import dev.sallyport.authority.vault.Heard;
import dev.sallyport.authority.vault.VaultAuth;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a real server does only on its worst days, or in the wrong hands. */
class VaultLeafFaultsTest {
    private static final TrustDomain SHOP = new TrustDomain("shop.example");
    private static final SpiffeId ORDERS = new SpiffeId(SHOP, "/ns/shop/sa/orders");
    private static final Duration DAY = Duration.ofHours(24);
    private static final String SIGN = "/sign/mesh-leaf";
    private static final Reply TOKEN = reply(200, "{\"data\":{\"ttl\":0,\"renewable\":false}}");

    @TempDir
    Path folder;

    private final Heard heard = new Heard();
    private final KeyPair keys = CertificateSigningRequest.newKeyPair();
    private final Instant now = Instant.now();
    private FakeVault fake;
    private Signer root;
    private Signer issuer;
    private VaultLeafAuthority authority;

    @BeforeEach
    void start() throws Exception {
        fake = new FakeVault(folder);
        X500Name rootName = CertificateTemplate.authorityName("test", "root");
        Validity years = new Validity(now.minus(DAY), now.plus(Duration.ofDays(1000)));
        root = Signer.selfSigned(
                key -> CertificateTemplate.workloadAuthority(new Names(rootName, rootName), years, key, SHOP, 1));
        issuer = root.certify(key -> CertificateTemplate.workloadAuthority(
                new Names(rootName, CertificateTemplate.authorityName("test", "issuer")), years, key, SHOP, 0));
        Path token = Files.createFile(
                folder.resolve("token"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(token, "a-token");
        fake.behave(request -> request.path().endsWith("/json")
                ? issuerJson(List.of(issuer.certificate(), root.certificate()))
                : error(404, "nothing"));
        authority = VaultLeafAuthority.open(
                folder.resolve("ca"), SHOP, fake.settings(new VaultAuth.TokenFile(token)), Clock.systemUTC(), heard);
    }

    @AfterEach
    void stop() {
        authority.close();
        fake.close();
    }

    @Test
    void whatIsSignedAsAskedIsHandedOut() throws Exception {
        signs(leaf(keys.getPublic(), ORDERS, validity(Duration.ZERO, DAY)));
        assertThat(issue().chain()).hasSize(2);
        FakeVault.Request asked = fake.requests.getLast();
        assertThat(asked.token()).isEqualTo("a-token");
        assertThat(asked.body()).contains(ORDERS.toString(), "\"ttl\":\"86400s\"", "BEGIN CERTIFICATE REQUEST");
    }

    @Test
    void whatIsSignedOtherwiseIsNot() throws Exception {
        PublicKey other = CertificateSigningRequest.newKeyPair().getPublic();
        Validity day = validity(Duration.ZERO, DAY);
        refusedWith("another key", leaf(other, ORDERS, day));
        refusedWith("names spiffe://shop.example/x", leaf(keys.getPublic(), new SpiffeId(SHOP, "/x"), day));
        refusedWith("ended", leaf(keys.getPublic(), ORDERS, validity(Duration.ofDays(-2), DAY)));
        refusedWith("which clock is wrong", leaf(keys.getPublic(), ORDERS, validity(Duration.ofMinutes(4), DAY)));
        refusedWith("as asked for", leaf(keys.getPublic(), ORDERS, validity(Duration.ZERO, Duration.ofDays(9))));
        refusedWith("2 names", twoNames());
        refusedWith(
                "would not be accepted",
                issuer.certify(key -> CertificateTemplate.workloadAuthority(
                                new Names(issuer.name(), issuer.name()), day, keys.getPublic(), SHOP, 0))
                        .certificate());
        Signer stranger = Signer.selfSigned(key ->
                CertificateTemplate.workloadAuthority(new Names(issuer.name(), issuer.name()), day, key, SHOP, 0));
        refusedWith(
                "set up anew or restored",
                stranger.sign(
                        CertificateTemplate.workload(issuer.name(), day, keys.getPublic(), ORDERS), keys.getPublic()));
        answers(reply(200, "{\"data\":{\"certificate\":\"nonsense\"}}"));
        assertThat(unavailable()).hasMessageContaining("PEM");
        answers(reply(200, "{\"data\":{}}"));
        assertThat(unavailable()).hasMessageContaining("PEM");
        assertThat(authority.standing().problem()).isPresent();
    }

    @Test
    void statusesMeanLaterOrNever() throws Exception {
        assertAskedOnce(429);
        assertAskedOnce(500);
        assertAskedOnce(502);
        assertAskedOnce(503);
        answers(error(400, "not valid for this role"));
        assertThatThrownBy(this::issue).isInstanceOf(IssuanceRefusedException.class);
    }

    private void assertAskedOnce(int status) {
        fake.requests.clear();
        answers(error(status, "busy"));
        AuthorityUnavailableException later = unavailable();
        assertThat(later).hasMessageContaining(String.valueOf(status));
        assertThat(later.retryAfter()).isBetween(Duration.ofSeconds(1), Duration.ofSeconds(15));
        assertThat(fake.count(SIGN)).as("%d", status).isEqualTo(1);
    }

    @Test
    void aReplicaThatIsBehindIsAskedAgainAtOnceAndNotForEver() throws Exception {
        String good = Pem.encode(List.of(leaf(keys.getPublic(), ORDERS, validity(Duration.ZERO, DAY))));
        AtomicInteger asked = new AtomicInteger();
        fake.behave(request -> !request.path().endsWith(SIGN)
                ? TOKEN
                : asked.incrementAndGet() < 3 ? error(412, "behind") : FakeVault.data(Map.of("certificate", good)));
        issue();
        assertThat(asked.get()).isEqualTo(3);
        answers(error(412, "behind"));
        fake.requests.clear();
        unavailable();
        assertThat(fake.count(SIGN)).isEqualTo(3);
    }

    @Test
    void aConnectionThatWasClosedIsFollowedByANewOne() throws Exception {
        String good = Pem.encode(List.of(leaf(keys.getPublic(), ORDERS, validity(Duration.ZERO, DAY))));
        AtomicInteger asked = new AtomicInteger();
        fake.behave(request -> !request.path().endsWith(SIGN)
                ? TOKEN
                : asked.incrementAndGet() < 2 ? hangUp() : FakeVault.data(Map.of("certificate", good)));
        issue();
        answers(hangUp());
        fake.requests.clear();
        unavailable();
        assertThat(fake.count(SIGN)).isLessThanOrEqualTo(3);
        for (int i = 0; i < 20; i++) {
            unavailable();
        }
        assertThat(fake.count(SIGN)).as("nobody asks while that is known").isLessThanOrEqualTo(3);
    }

    @Test
    void aStormOfErrorsIsSaidOnceAndAsksNoMoreThanItsCallers() {
        answers(error(502, "bad gateway"));
        for (int i = 0; i < 50; i++) {
            unavailable();
        }
        assertThat(fake.count(SIGN)).isEqualTo(50);
        assertThat(heard.warnings).hasSize(1);
    }

    @Test
    void noMoreThanItsSlotsAreUnderWay() throws Exception {
        AtomicInteger underWay = new AtomicInteger();
        AtomicInteger most = new AtomicInteger();
        fake.behave(request -> !request.path().endsWith(SIGN)
                ? TOKEN
                : exchange -> {
                    most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                    try {
                        Thread.sleep(10);
                    } catch (InterruptedException e) {
                        throw new IOException(e);
                    } finally {
                        underWay.decrementAndGet();
                    }
                    error(429, "quota").to(exchange);
                });
        byte[] csr = CertificateSigningRequest.der(keys);
        List<Future<IssuedCertificate>> calls = new ArrayList<>();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 300; i++) {
                calls.add(callers.submit(() -> authority.issue(csr, ORDERS, DAY)));
            }
        }
        assertThat(calls)
                .allSatisfy(call -> assertThat(call.exceptionNow()).isInstanceOf(AuthorityUnavailableException.class));
        assertThat(most.get()).isBetween(2, SigningSlots.AT_ONCE_MAX);
    }

    @Test
    void theRootIsFoundWhateverTheOrderOfTheChainAndNeverGuessed() throws Exception {
        X500Name rootName = root.name();
        Validity day = validity(Duration.ZERO, DAY);
        Signer twin = Signer.selfSigned(
                key -> CertificateTemplate.workloadAuthority(new Names(rootName, rootName), day, key, SHOP, 1));
        fake.always(issuerJson(
                List.of(issuer.certificate(), twin.certificate(), issuer.certificate(), root.certificate())));
        try (var crossed = VaultLeafAuthority.open(
                folder.resolve("crossed"), SHOP, fake.settings(token()), Clock.systemUTC(), heard)) {
            assertThat(crossed.trustBundle().authorities()).containsExactly(root.certificate());
        }
        fake.always(issuerJson(List.of(issuer.certificate(), twin.certificate())));
        assertThatThrownBy(() -> VaultLeafAuthority.open(
                        folder.resolve("cut"), SHOP, fake.settings(token()), Clock.systemUTC(), heard))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("a root");
        fake.always(error(503, "sealed"));
        assertThatThrownBy(() -> VaultLeafAuthority.open(
                        folder.resolve("first"), SHOP, fake.settings(token()), Clock.systemUTC(), heard))
                .hasMessageContaining("503");
    }

    private VaultAuth token() {
        return new VaultAuth.TokenFile(folder.resolve("token"));
    }

    private void refusedWith(String why, X509Certificate leaf) {
        signs(leaf);
        assertThat(unavailable()).as(why).hasMessageContaining(why).hasMessageContaining("expected: ");
    }

    private void signs(X509Certificate leaf) {
        answers(FakeVault.data(Map.of("certificate", Pem.encode(List.of(leaf)))));
    }

    private void answers(Reply toSign) {
        fake.behave(request -> request.path().endsWith(SIGN) ? toSign : TOKEN);
    }

    private AuthorityUnavailableException unavailable() {
        return catchThrowableOfType(AuthorityUnavailableException.class, this::issue);
    }

    private IssuedCertificate issue() throws Exception {
        return authority.issue(CertificateSigningRequest.der(keys), ORDERS, DAY);
    }

    private static Validity validity(Duration from, Duration life) {
        Instant start = Instant.now().plus(from);
        return new Validity(start.minus(Duration.ofMinutes(from.isPositive() ? 0 : 2)), start.plus(life));
    }

    private X509Certificate leaf(PublicKey key, SpiffeId id, Validity validity) throws IOException {
        return issuer.sign(CertificateTemplate.workload(issuer.name(), validity, key, id), key);
    }

    /** A name that is no URI beside the one that is. */
    private X509Certificate twoNames() throws IOException {
        var builder = CertificateTemplate.person(
                new Names(issuer.name(), new X500Name("CN=two")), validity(Duration.ZERO, DAY), keys.getPublic());
        builder.addExtension(Extension.subjectAlternativeName, false, new GeneralNames(new GeneralName[] {
            new GeneralName(GeneralName.uniformResourceIdentifier, ORDERS.toString()),
            new GeneralName(GeneralName.dNSName, "bank.example")
        }));
        return issuer.sign(builder, keys.getPublic());
    }

    private static Reply issuerJson(List<X509Certificate> chain) {
        StringBuilder json = new StringBuilder("{\"data\":{\"certificate\":\"")
                .append(escaped(chain.getFirst()))
                .append("\",\"ca_chain\":[");
        for (int i = 0; i < chain.size(); i++) {
            json.append(i == 0 ? "\"" : ",\"").append(escaped(chain.get(i))).append('"');
        }
        return reply(200, json.append("]}}").toString());
    }

    private static String escaped(X509Certificate certificate) {
        return Pem.encode(List.of(certificate)).replace("\n", "\\n");
    }
}
