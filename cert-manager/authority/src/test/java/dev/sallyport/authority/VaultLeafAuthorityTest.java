package dev.sallyport.authority;

import static dev.sallyport.authority.VaultRig.DAY;
import static dev.sallyport.authority.VaultRig.ORDERS;
import static dev.sallyport.authority.VaultRig.SHOP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.vault.TestVault;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultLeafAuthorityTest {
    private TestVault vault;
    private VaultLeaves rig;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        vault = TestVault.shared();
        rig = new VaultLeaves(vault, folder);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void leafIsAnSvidOfTheGivenIdentityAndNothingElse() throws Exception {
        VaultLeafAuthority authority = rig.open();
        Instant now = Instant.now();
        IssuedCertificate issued = rig.issue(authority, ORDERS, DAY);
        X509Certificate leaf = issued.leaf();
        assertThat(X509Svid.of(issued.chain(), rig.keys.getPrivate()).id()).isEqualTo(ORDERS);
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
        assertThat(LeafSigner.verifier(authority.trustBundle(), rig.clock).verify(issued.chain()))
                .isEqualTo(ORDERS);
        assertThat(authority.standing().kind()).isEqualTo(AuthorityKind.VAULT_LEAF);
        assertThat(authority.standing().aloneUntil()).isEmpty();
        assertThat(authority.standing().problem()).isEmpty();
        assertThat(rig.heard.warnings).isEmpty();
    }

    @Test
    void wishesOfTheRequestAreIgnored() throws Exception {
        byte[] greedy =
                Requests.greedy(rig.keys, "spiffe://shop.example/ns/shop/sa/payment", "spiffe://other.example/a");
        X509Certificate leaf = rig.open().issue(greedy, ORDERS, DAY).leaf();
        assertThat(leaf.getSubjectAlternativeNames()).containsExactly(List.of(6, ORDERS.toString()));
        assertThat(leaf.getBasicConstraints()).isEqualTo(-1);
    }

    @Test
    void whatIsWrongWithARequestIsRefusedHere() throws Exception {
        VaultLeafAuthority authority = rig.open();
        byte[] stolen = Requests.request(rig.keys, CertificateSigningRequest.newKeyPair(), "SHA256withECDSA");
        assertThatThrownBy(() -> authority.issue(stolen, ORDERS, DAY))
                .isInstanceOf(IssuanceRefusedException.class)
                .hasMessageContaining("possession");
        SpiffeId foreign = new SpiffeId(new TrustDomain("other.example"), "/a");
        assertThatThrownBy(() -> rig.issue(authority, foreign, DAY)).isInstanceOf(IssuanceRefusedException.class);
        assertThatThrownBy(() -> rig.issue(authority, ORDERS, Duration.ZERO))
                .isInstanceOf(IssuanceRefusedException.class);
    }

    @Test
    void aRoleThatRefusesIsRefusedForGoodAndSaid() throws Exception {
        VaultLeafAuthority authority = rig.open();
        vault.role(Map.of("allowed_uri_sans", List.of("spiffe://shop.example/other/*")));
        try {
            assertThatThrownBy(() -> rig.issue(authority, ORDERS, DAY))
                    .isInstanceOf(IssuanceRefusedException.class)
                    .hasMessageContaining("400")
                    .hasMessageContaining("setup --check");
            assertThat(authority.standing().problem()).isPresent();
            assertThat(rig.heard.warnings).hasSize(1);
        } finally {
            vault.role(Map.of());
        }
        rig.issue(authority, ORDERS, DAY);
        assertThat(authority.standing().problem()).isEmpty();
    }

    @Test
    void whatAMisSetRoleSignsIsNotHandedOut() throws Exception {
        VaultLeafAuthority authority = rig.open();
        byte[] greedy = Requests.greedy(rig.keys, "spiffe://shop.example/ns/shop/sa/payment");
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
        VaultLeafAuthority authority = rig.open();
        vault.role(Map.of("ttl", "1h", "max_ttl", "1h"));
        try {
            IssuedCertificate issued = rig.issue(authority, ORDERS, DAY);
            assertThat(issued.leaf().getNotAfter().toInstant())
                    .isBefore(Instant.now().plusSeconds(3700));
            assertThat(authority.standing().problem().orElseThrow()).contains("max_ttl", "maxTTL is being used");
        } finally {
            vault.role(Map.of());
        }
        rig.issue(authority, ORDERS, DAY);
        assertThat(authority.standing().problem()).isEmpty();
        IssuedCertificate longest = rig.issue(authority, ORDERS, Duration.ofDays(100_000));
        assertThat(longest.leaf().getNotAfter())
                .isBeforeOrEqualTo(longest.chain().getLast().getNotAfter());
        assertThat(authority.standing().problem()).isPresent();
    }

    @Test
    void aMovedDefaultIssuerChangesNothing() throws Exception {
        VaultLeafAuthority authority = rig.open();
        X509Certificate issuer = authority.standing().issuer();
        String other = vault.write(
                        "pki_mesh/root/generate/internal",
                        Map.of("common_name", "another", "key_type", "ec", "key_bits", 256))
                .text("issuer_id")
                .orElseThrow();
        vault.write("pki_mesh/config/issuers", Map.of("default", other));
        try {
            assertThat(rig.issue(authority, ORDERS, DAY).chain().getLast()).isEqualTo(issuer);
        } finally {
            vault.write("pki_mesh/config/issuers", Map.of("default", vault.issuer()));
            vault.root().delete("pki_mesh/issuer/" + other);
        }
    }

    @Test
    void aVaultThatWasSetUpAnewOrRestoredIsSaidAndNotUsed() throws Exception {
        rig.open();
        String other = vault.write(
                        "pki_mesh/root/generate/internal",
                        Map.of("common_name", "restored", "key_type", "ec", "key_bits", 256))
                .text("issuer_id")
                .orElseThrow();
        assertThatThrownBy(() -> rig.open(rig.settings(Optional.of(other))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("which peers trust");
        Path ca = rig.ca;
        Files.copy(ca.resolve("issuer-" + vault.issuer() + ".pem"), ca.resolve("issuer-" + other + ".pem"));
        VaultLeafAuthority authority = rig.open(rig.settings(Optional.of(other)));
        assertThatThrownBy(() -> rig.issue(authority, ORDERS, DAY))
                .as("the id now means another certificate")
                .isInstanceOf(AuthorityUnavailableException.class)
                .hasMessageContaining("restored");
        vault.root().delete("pki_mesh/issuer/" + other);
        assertThatThrownBy(() -> rig.issue(authority, ORDERS, DAY))
                .isInstanceOf(AuthorityUnavailableException.class)
                .hasMessageContaining(other)
                .hasMessageContaining("restored from a backup");
    }

    @Test
    void revokedLeavesAreTakenBackByCertificate() throws Exception {
        VaultLeafAuthority authority = rig.open();
        X509Certificate leaf = rig.issue(authority, ORDERS, DAY).leaf();
        authority.revoke(leaf);
        authority.revoke(leaf);
        String serial = X509Svid.serialOf(leaf).replaceAll("(..)(?=.)", "$1:");
        assertThat(vault.root().list("pki_mesh/certs/revoked").texts("keys")).contains(serial);
        X509Certificate foreign = EmbeddedAuthority.open(
                        rig.folder.resolve("other"), SHOP, KeyEncryption.fromFile(rig.folder.resolve("k")), rig.clock)
                .issue(rig.csr, ORDERS, DAY)
                .leaf();
        assertThatThrownBy(() -> authority.revoke(foreign)).isInstanceOf(IssuanceRefusedException.class);
    }

    @Test
    void aPolicyThatNoLongerAllowsItIsSaidWithoutALoop() throws Exception {
        VaultLeafAuthority authority = rig.open();
        rig.issue(authority, ORDERS, DAY);
        int tokens = vault.tokens(rig.login);
        vault.policy(vault.everything().replace("sign/mesh-leaf", "sign/other"));
        try {
            for (int i = 0; i < 20; i++) {
                assertThat(rig.unavailable(authority)).hasMessageContaining("403");
            }
            assertThat(vault.tokens(rig.login)).isLessThanOrEqualTo(tokens + 2);
        } finally {
            vault.policy(vault.everything());
        }
        rig.recovers(authority);
    }

    @Test
    void aClockThatIsFarBehindVaultsIsSaidWithBothAndFiveMinutesEitherWayDoNotMatter() throws Exception {
        rig.open();
        rig.clock = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-5));
        rig.issue(rig.open(), ORDERS, DAY);
        rig.clock = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(-7));
        VaultLeafAuthority behind = rig.open();
        assertThat(rig.unavailable(behind))
                .hasMessageContaining("our clock says")
                .hasMessageContaining("Vault's about")
                .hasMessageContaining("which clock is wrong?");
        rig.clock = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(5));
        VaultLeafAuthority ahead = rig.open();
        rig.issue(ahead, ORDERS, DAY);
        assertThat(ahead.standing().problem().orElseThrow()).contains("clock that is behind");
    }

    @Test
    void aThousandAtOnceAreServed() throws Exception {
        VaultLeafAuthority authority = rig.open();
        List<Future<X509Certificate>> leaves = new ArrayList<>();
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = 0; i < 1_000; i++) {
                SpiffeId id = new SpiffeId(SHOP, "/ns/shop/sa/s" + i);
                leaves.add(
                        callers.submit(() -> authority.issue(rig.csr, id, DAY).leaf()));
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
        assertThatThrownBy(() -> rig.open(rig.settings(Optional.empty())))
                .hasMessageContaining("issuer is missing")
                .hasMessageContaining("vault setup");
    }
}
