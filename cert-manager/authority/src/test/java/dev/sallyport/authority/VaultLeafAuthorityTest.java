package dev.sallyport.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.authority.vault.Heard;
import dev.sallyport.authority.vault.TestVault;
import dev.sallyport.authority.vault.Until;
import dev.sallyport.authority.vault.VaultAuth;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultLeafAuthorityTest {
    private static final TrustDomain SHOP = TestVault.TRUST_DOMAIN;
    private static final SpiffeId ORDERS = new SpiffeId(SHOP, "/ns/shop/sa/orders");
    private static final Duration DAY = Duration.ofHours(24);
    private static final Duration SOON = Duration.ofSeconds(20);

    private static TestVault vault;
    private static VaultAuth.AppRole login;

    @TempDir
    Path folder;

    private final Heard heard = new Heard();
    private final KeyPair keys = CertificateSigningRequest.newKeyPair();
    private final List<VaultLeafAuthority> open = new ArrayList<>();
    private Clock clock = Clock.systemUTC();

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        vault = TestVault.start(folder);
        login = vault.appRole("leaves", Map.of("token_ttl", "1h"));
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @AfterEach
    void close() {
        open.forEach(VaultLeafAuthority::close);
    }

    @Test
    void leafIsAnSvidOfTheGivenIdentityAndNothingElse() throws Exception {
        VaultLeafAuthority authority = open();
        Instant now = Instant.now();
        IssuedCertificate issued = issue(authority, ORDERS, DAY);
        X509Certificate leaf = issued.leaf();
        assertThat(X509Svid.of(issued.chain(), keys.getPrivate()).id()).isEqualTo(ORDERS);
        assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(6, ORDERS.toString()));
        assertThat(leaf.getSubjectX500Principal().getName()).isEmpty();
        assertThat(leaf.getCriticalExtensionOIDs())
                .as("basicConstraints, keyUsage, subjectAltName")
                .isEqualTo(Set.of("2.5.29.19", "2.5.29.15", "2.5.29.17"));
        assertThat(leaf.getNotBefore().toInstant())
                .isBetween(
                        now.minus(CertificateAuthority.BACK_DATED).minusSeconds(5),
                        now.minus(CertificateAuthority.BACK_DATED).plusSeconds(15));
        assertThat(leaf.getNotAfter().toInstant())
                .isBetween(now.plus(DAY).minusSeconds(5), now.plus(DAY).plusSeconds(15));
        assertThat(issued.chain())
                .hasSize(2)
                .doesNotContainAnyElementsOf(authority.trustBundle().authorities());
        assertThat(LeafSigner.verifier(authority.trustBundle(), clock).verify(issued.chain()))
                .isEqualTo(ORDERS);
        assertThat(authority.standing().kind()).isEqualTo(AuthorityKind.VAULT_LEAF);
        assertThat(authority.standing().aloneUntil()).isEmpty();
        assertThat(authority.standing().problem()).isEmpty();
        assertThat(heard.warnings).isEmpty();
    }

    @Test
    void wishesOfTheRequestAreIgnored() throws Exception {
        byte[] greedy = Requests.greedy(keys, "spiffe://shop.example/ns/shop/sa/payment", "spiffe://other.example/a");
        X509Certificate leaf = open().issue(greedy, ORDERS, DAY).leaf();
        assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(6, ORDERS.toString()));
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    }

    @Test
    void whatIsWrongWithARequestIsRefusedHere() throws Exception {
        VaultLeafAuthority authority = open();
        byte[] stolen = Requests.request(keys, CertificateSigningRequest.newKeyPair(), "SHA256withECDSA");
        assertThatThrownBy(() -> authority.issue(stolen, ORDERS, DAY))
                .isInstanceOf(IssuanceRefusedException.class)
                .hasMessageContaining("possession");
        SpiffeId foreign = new SpiffeId(new TrustDomain("other.example"), "/a");
        assertThatThrownBy(() -> issue(authority, foreign, DAY)).isInstanceOf(IssuanceRefusedException.class);
        assertThatThrownBy(() -> issue(authority, ORDERS, Duration.ZERO)).isInstanceOf(IssuanceRefusedException.class);
    }

    @Test
    void aRoleThatRefusesIsRefusedForGoodAndSaid() throws Exception {
        VaultLeafAuthority authority = open();
        vault.role(Map.of("allowed_uri_sans", List.of("spiffe://shop.example/other/*")));
        try {
            assertThatThrownBy(() -> issue(authority, ORDERS, DAY))
                    .isInstanceOf(IssuanceRefusedException.class)
                    .hasMessageContaining("400")
                    .hasMessageContaining("setup --check");
            assertThat(authority.standing().problem()).isPresent();
            assertThat(heard.warnings).hasSize(1);
        } finally {
            vault.role(Map.of());
        }
        issue(authority, ORDERS, DAY);
        assertThat(authority.standing().problem()).isEmpty();
    }

    @Test
    void whatAMisSetRoleSignsIsNotHandedOut() throws Exception {
        VaultLeafAuthority authority = open();
        byte[] greedy = Requests.greedy(keys, "spiffe://shop.example/ns/shop/sa/payment");
        Map<Map<String, ?>, String> wrong = Map.of(
                Map.of("use_csr_sans", true), "spiffe://shop.example/ns/shop/sa/payment",
                Map.of("client_flag", false), "extended key usage",
                Map.of("key_usage", List.of("DigitalSignature", "CertSign")), "keyCertSign",
                Map.of("key_usage", List.of("KeyEncipherment")), "digitalSignature");
        try {
            for (Map.Entry<Map<String, ?>, String> each : wrong.entrySet()) {
                vault.role(each.getKey());
                assertThatThrownBy(() -> authority.issue(greedy, ORDERS, DAY))
                        .as("%s", each.getKey())
                        .isInstanceOf(AuthorityUnavailableException.class)
                        .hasMessageContaining(each.getValue())
                        .hasMessageContaining("expected: ");
            }
            vault.role(Map.of("not_after", "2036-01-01T00:00:00Z"));
            assertThatThrownBy(() -> authority.issue(greedy, ORDERS, DAY)).isInstanceOf(IssuanceRefusedException.class);
        } finally {
            vault.role(Map.of());
        }
        authority.issue(greedy, ORDERS, DAY);
    }

    @Test
    void aLifeThatIsCutIsSaidAndTheLeafIsGood() throws Exception {
        VaultLeafAuthority authority = open();
        vault.role(Map.of("ttl", "1h", "max_ttl", "1h"));
        try {
            IssuedCertificate issued = issue(authority, ORDERS, DAY);
            assertThat(issued.leaf().getNotAfter().toInstant())
                    .isBefore(Instant.now().plusSeconds(3700));
            assertThat(authority.standing().problem().orElseThrow()).contains("max_ttl", "maxTTL is being used");
        } finally {
            vault.role(Map.of());
        }
        issue(authority, ORDERS, DAY);
        assertThat(authority.standing().problem()).isEmpty();
        IssuedCertificate longest = issue(authority, ORDERS, Duration.ofDays(100_000));
        assertThat(longest.leaf().getNotAfter())
                .isBeforeOrEqualTo(longest.chain().getLast().getNotAfter());
        assertThat(authority.standing().problem()).isPresent();
    }

    @Test
    void aMovedDefaultIssuerChangesNothing() throws Exception {
        VaultLeafAuthority authority = open();
        X509Certificate issuer = authority.standing().issuer();
        String other = vault.write(
                        "pki_mesh/root/generate/internal",
                        Map.of("common_name", "another", "key_type", "ec", "key_bits", 256))
                .text("issuer_id")
                .orElseThrow();
        vault.write("pki_mesh/config/issuers", Map.of("default", other));
        try {
            assertThat(issue(authority, ORDERS, DAY).chain().getLast()).isEqualTo(issuer);
        } finally {
            vault.write("pki_mesh/config/issuers", Map.of("default", vault.issuer()));
            vault.root().delete("pki_mesh/issuer/" + other);
        }
    }

    @Test
    void aVaultThatWasSetUpAnewOrRestoredIsSaidAndNotUsed() throws Exception {
        open();
        String other = vault.write(
                        "pki_mesh/root/generate/internal",
                        Map.of("common_name", "restored", "key_type", "ec", "key_bits", 256))
                .text("issuer_id")
                .orElseThrow();
        assertThatThrownBy(() -> open(settings(other)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("which peers trust");
        Path ca = folder.resolve("ca");
        Files.copy(ca.resolve("issuer-" + vault.issuer() + ".pem"), ca.resolve("issuer-" + other + ".pem"));
        VaultLeafAuthority authority = open(settings(other));
        assertThatThrownBy(() -> issue(authority, ORDERS, DAY))
                .as("the id now means another certificate")
                .isInstanceOf(AuthorityUnavailableException.class)
                .hasMessageContaining("restored");
        vault.root().delete("pki_mesh/issuer/" + other);
        assertThatThrownBy(() -> issue(authority, ORDERS, DAY))
                .isInstanceOf(AuthorityUnavailableException.class)
                .hasMessageContaining(other)
                .hasMessageContaining("restored from a backup");
    }

    @Test
    void revokedLeavesAreTakenBackByCertificate() throws Exception {
        VaultLeafAuthority authority = open();
        X509Certificate leaf = issue(authority, ORDERS, DAY).leaf();
        authority.revoke(leaf);
        authority.revoke(leaf);
        String serial = X509Svid.serialOf(leaf).replaceAll("(..)(?=.)", "$1:");
        assertThat(vault.root().list("pki_mesh/certs/revoked").texts("keys")).contains(serial);
        X509Certificate foreign = EmbeddedAuthority.open(
                        folder.resolve("other"), SHOP, KeyEncryption.fromFile(folder.resolve("k")), clock)
                .issue(CertificateSigningRequest.der(keys), ORDERS, DAY)
                .leaf();
        assertThatThrownBy(() -> authority.revoke(foreign)).isInstanceOf(IssuanceRefusedException.class);
    }

    @Test
    void aSealedOrStoppedVaultIsSaidAtOnceAndAStartNeedsNone() throws Exception {
        open().close();
        vault.bao().seal();
        VaultLeafAuthority authority = open();
        AuthorityUnavailableException sealed = unavailable(authority);
        assertThat(sealed).hasMessageContaining("503");
        assertThat(sealed.retryAfter()).isBetween(Duration.ofMillis(1), Duration.ofMinutes(1));
        assertThat(authority.standing().problem()).isPresent();
        vault.bao().unseal();
        recovers(authority);
        vault.bao().stop();
        try {
            assertThat(unavailable(authority)).hasMessageContaining("no connection");
        } finally {
            vault.bao().restart();
        }
        recovers(authority);
    }

    @Test
    void aFrozenVaultHoldsNobodyLong() throws Exception {
        VaultLeafAuthority authority = open();
        issue(authority, ORDERS, DAY);
        vault.bao().freeze();
        try {
            long from = System.nanoTime();
            assertThat(unavailable(authority)).hasMessageContaining("no answer in time");
            assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(8));
            from = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                assertThat(unavailable(authority).retryAfter()).isPositive();
            }
            assertThat(Duration.ofNanos(System.nanoTime() - from))
                    .as("who comes next does not wait for what is known")
                    .isLessThan(Duration.ofSeconds(14));
        } finally {
            vault.bao().thaw();
        }
        recovers(authority);
    }

    @Test
    void aPolicyThatNoLongerAllowsItIsSaidWithoutALoop() throws Exception {
        VaultLeafAuthority authority = open();
        issue(authority, ORDERS, DAY);
        int tokens = vault.tokens();
        vault.policy(vault.everything().replace("sign/mesh-leaf", "sign/other"));
        try {
            for (int i = 0; i < 20; i++) {
                assertThat(unavailable(authority)).hasMessageContaining("403");
            }
            assertThat(vault.tokens()).isLessThanOrEqualTo(tokens + 2);
        } finally {
            vault.policy(vault.everything());
        }
        recovers(authority);
    }

    @Test
    void anExpiredTokenIsFollowedByAnother() throws Exception {
        VaultAuth.AppRole brief = vault.appRole("expiring", Map.of("token_ttl", "2s", "token_max_ttl", "2s"));
        VaultLeafAuthority authority = open(vault.settings(brief));
        issue(authority, ORDERS, DAY);
        vault.bao().freeze();
        Until.holds("its lease is over", SOON, passed(Duration.ofSeconds(3)));
        vault.bao().thaw();
        recovers(authority);
    }

    @Test
    void aClockThatIsFarBehindVaultsIsSaidWithBothAndFiveMinutesEitherWayDoNotMatter() throws Exception {
        open();
        clock = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-5));
        issue(open(), ORDERS, DAY);
        clock = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-7));
        VaultLeafAuthority behind = open();
        assertThat(unavailable(behind))
                .hasMessageContaining("our clock says")
                .hasMessageContaining("Vault's about")
                .hasMessageContaining("which clock is wrong?");
        clock = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(5));
        VaultLeafAuthority ahead = open();
        issue(ahead, ORDERS, DAY);
        assertThat(ahead.standing().problem().orElseThrow()).contains("clock that is behind");
    }

    @Test
    void aThousandAtOnceAreServed() throws Exception {
        VaultLeafAuthority authority = open();
        byte[] csr = CertificateSigningRequest.der(keys);
        List<Future<X509Certificate>> leaves = new ArrayList<>();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 1_000; i++) {
                SpiffeId id = new SpiffeId(SHOP, "/ns/shop/sa/s" + i);
                leaves.add(callers.submit(() -> authority.issue(csr, id, DAY).leaf()));
            }
        }
        int served = 0;
        for (Future<X509Certificate> leaf : leaves) {
            served += leaf.state() == Future.State.SUCCESS ? 1 : 0;
            if (leaf.state() == Future.State.FAILED) {
                assertThat(leaf.exceptionNow()).as("at worst: later").isInstanceOf(AuthorityUnavailableException.class);
            }
        }
        assertThat(served).isGreaterThan(500);
    }

    @Test
    void settingsWithoutAnIssuerAreRefusedWithWhatToDo() {
        assertThatThrownBy(() -> open(with(Optional.empty())))
                .hasMessageContaining("issuer is missing")
                .hasMessageContaining("vault setup");
    }

    private static Callable<Boolean> passed(Duration time) {
        long end = System.nanoTime() + time.toNanos();
        return () -> System.nanoTime() - end > 0;
    }

    private void recovers(VaultLeafAuthority authority) throws Exception {
        Until.holds("signs again", Duration.ofSeconds(30), () -> {
            try {
                issue(authority, ORDERS, DAY);
                return true;
            } catch (AuthorityUnavailableException e) {
                return false;
            }
        });
        assertThat(authority.standing().problem()).isEmpty();
    }

    private AuthorityUnavailableException unavailable(VaultLeafAuthority authority) {
        return catchThrowableOfType(AuthorityUnavailableException.class, () -> issue(authority, ORDERS, DAY));
    }

    private IssuedCertificate issue(VaultLeafAuthority authority, SpiffeId id, Duration life) throws Exception {
        return authority.issue(CertificateSigningRequest.der(keys), id, life);
    }

    private static VaultSettings settings(String issuer) {
        return with(Optional.of(issuer));
    }

    private static VaultSettings with(Optional<String> issuer) {
        VaultSettings some = vault.settings(login);
        return new VaultSettings(
                some.address(),
                some.caFile(),
                some.namespace(),
                some.mount(),
                some.rootMount(),
                some.role(),
                issuer,
                some.rootIssuer(),
                some.intermediateLife(),
                login);
    }

    private VaultLeafAuthority open() throws IOException {
        return open(vault.settings(login));
    }

    private VaultLeafAuthority open(VaultSettings settings) throws IOException {
        VaultLeafAuthority authority = VaultLeafAuthority.open(folder.resolve("ca"), SHOP, settings, clock, heard);
        open.add(authority);
        return authority;
    }
}
