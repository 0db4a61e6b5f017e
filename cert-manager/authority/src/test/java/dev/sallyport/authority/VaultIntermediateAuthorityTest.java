package dev.sallyport.authority;

import static dev.sallyport.authority.VaultIntermediates.LIFE;
import static dev.sallyport.authority.VaultRig.DAY;
import static dev.sallyport.authority.VaultRig.ORDERS;
import static dev.sallyport.authority.VaultRig.SHOP;
import static dev.sallyport.authority.VaultRig.SOON;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.vault.TestVault;
import dev.sallyport.authority.vault.Until;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.X509Svid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultIntermediateAuthorityTest {
    private TestVault vault;
    private VaultIntermediates rig;

    @BeforeEach
    void start(@TempDir Path folder) throws Exception {
        vault = TestVault.shared();
        rig = new VaultIntermediates(vault, folder);
    }

    @AfterEach
    void close() {
        rig.close();
    }

    @Test
    void theIntermediateIsBoundToTheTrustDomainAndItsKeyIsSealedHere() throws Exception {
        VaultIntermediateAuthority authority = rig.open();
        X509Certificate intermediate = authority.standing().issuer();
        assertThat(intermediate.getBasicConstraints()).isZero();
        assertThat(intermediate.getCriticalExtensionOIDs())
                .as("basicConstraints, keyUsage, nameConstraints")
                .contains("2.5.29.19", "2.5.29.15", "2.5.29.30");
        assertThat(intermediate.getSubjectAlternativeNames()).containsExactly(List.of(6, "spiffe://shop.example"));
        assertThat(intermediate.getKeyUsage())
                .containsExactly(false, false, false, false, false, true, true, false, false);
        assertThat(intermediate.getNotAfter().toInstant())
                .isBetween(
                        rig.clock.instant().plus(LIFE).minusSeconds(60),
                        rig.clock.instant().plus(LIFE).plusSeconds(60));
        assertThat(intermediate.getNotBefore())
                .as("for peers whose clocks are behind")
                .isBefore(Date.from(rig.clock.instant().minusSeconds(3000)));
        Path file = rig.folder.resolve("ca/intermediate.pem");
        assertThat(Files.readString(file)).contains("SALLYPORT SEALED KEY").doesNotContain("BEGIN PRIVATE KEY");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void leavesAreSignedHereAsAnyPeerAccepts() throws Exception {
        VaultIntermediateAuthority authority = rig.open();
        IssuedCertificate issued = authority.issue(rig.csr, ORDERS, DAY);
        assertThat(X509Svid.of(issued.chain(), rig.keys.getPrivate()).id()).isEqualTo(ORDERS);
        SvidVerifier peer = LeafSigner.verifier(authority.trustBundle(), rig.clock);
        assertThat(peer.verify(issued.chain())).isEqualTo(ORDERS);
        assertThat(issued.chain())
                .hasSize(2)
                .last()
                .isEqualTo(authority.standing().issuer());
        assertThat(authority.standing().kind()).isEqualTo(AuthorityKind.VAULT_INTERMEDIATE);
        assertThat(authority.standing().aloneUntil())
                .contains(issued.chain().getLast().getNotAfter().toInstant());
    }

    @Test
    void theNextOneIsReadyAtHalfAndSignsWhenAThirdIsLeftAndSurvivesARestart() throws Exception {
        VaultIntermediateAuthority authority = rig.open();
        X509Certificate first = authority.standing().issuer();
        assertThat(authority.standing().next()).isEmpty();
        authority.close();

        rig.clock.advance(LIFE.dividedBy(2));
        // Vault's clock stays: what it signs now ends half a life before what it would sign then.
        VaultIntermediateAuthority half = rig.open();
        Until.holds("prepared", SOON, () -> half.standing().next().isPresent());
        assertThat(half.standing().issuer()).isEqualTo(first);
        X509Certificate next = half.standing().next().orElseThrow();
        assertThat(half.standing().aloneUntil()).contains(next.getNotAfter().toInstant());
        half.close();

        VaultIntermediateAuthority again = rig.open();
        assertThat(again.standing().next()).contains(next);
        rig.clock.advance(LIFE.dividedBy(6));
        assertThat(again.issue(rig.csr, ORDERS, DAY).chain().getLast()).isEqualTo(next);
        again.close();
        assertThat(rig.open().standing().issuer()).isEqualTo(next);
        assertThat(rig.heard.security).isEmpty();
    }

    @Test
    void whoMayNotSignIntermediatesIsToldSo() throws Exception {
        vault.policy("path \"auth/token/lookup-self\" { capabilities = [\"read\"] }");
        try {
            assertThatThrownBy(rig::open)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("sign-intermediate")
                    .hasMessageContaining("--print-policy");
        } finally {
            vault.policy(vault.everything());
        }
    }

    @Test
    void aMovedDefaultIssuerChangesNothing() throws Exception {
        VaultIntermediateAuthority authority = rig.open();
        Map<String, Object> fields = Map.of("common_name", "another root", "key_type", "ec", "key_bits", 256);
        String other = vault.write("pki_root/root/generate/internal", fields)
                .text("issuer_id")
                .orElseThrow();
        vault.write("pki_root/config/issuers", Map.of("default", other));
        try {
            rig.clock.advance(LIFE.dividedBy(2));
            authority.close();
            VaultIntermediateAuthority half = rig.open();
            Until.holds("prepared", SOON, () -> half.standing().next().isPresent());
            assertThat(half.trustBundle()).isEqualTo(authority.trustBundle());
        } finally {
            vault.write("pki_root/config/issuers", Map.of("default", vault.rootIssuer()));
            vault.root().delete("pki_root/issuer/" + other);
        }
    }

    @Test
    void anIssuerThatIsGoneIsSaidAndAnotherRootIsRefused() throws Exception {
        rig.open().close();
        String other = vault.write(
                        "pki_root/root/generate/internal",
                        Map.of("common_name", "restored", "key_type", "ec", "key_bits", 256))
                .text("issuer_id")
                .orElseThrow();
        try {
            assertThatThrownBy(() -> rig.open(rig.settings(Optional.of(other))))
                    .as("as after a set-up anew")
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("which peers trust")
                    .hasMessageContaining("ca rotate");
        } finally {
            vault.root().delete("pki_root/issuer/" + other);
        }
        rig.clock.advance(LIFE.dividedBy(2));
        Path issuer = rig.folder.resolve("ca/issuer-" + vault.rootIssuer() + ".pem");
        Files.copy(issuer, rig.folder.resolve("ca/issuer-" + other + ".pem"));
        VaultIntermediateAuthority authority = rig.open(rig.settings(Optional.of(other)));
        Until.holds("said", SOON, () -> authority.standing().problem().isPresent());
        assertThat(authority.standing().problem().orElseThrow()).contains(other, "restored from a backup");
        authority.issue(rig.csr, ORDERS, DAY);
    }

    @Test
    void aShortMountIsSaidAndUsed() throws Exception {
        vault.write("sys/mounts/pki_root/tune", Map.of("default_lease_ttl", "96h", "max_lease_ttl", "96h"));
        try {
            VaultIntermediateAuthority authority = rig.open();
            assertThat(authority.standing().aloneUntil().orElseThrow())
                    .isBefore(rig.clock.instant().plus(Duration.ofHours(97)));
            assertThat(rig.heard.warnings).anySatisfy(text -> assertThat(text).contains("max_lease_ttl"));
        } finally {
            vault.write("sys/mounts/pki_root/tune", Map.of("default_lease_ttl", "87600h", "max_lease_ttl", "87600h"));
        }
    }

    @Test
    void clocksFiveMinutesApartOnEitherSideDoNotMatter() throws Exception {
        for (Duration apart : List.of(Duration.ofMinutes(5), Duration.ofMinutes(-5))) {
            Clock ours = Clock.fixed(Instant.now().plus(apart), ZoneOffset.UTC);
            try (var authority = VaultIntermediateAuthority.open(
                    rig.folder.resolve("ca" + apart),
                    SHOP,
                    vault.settings(rig.login),
                    rig.encryption,
                    ours,
                    rig.heard)) {
                IssuedCertificate issued = authority.issue(rig.csr, ORDERS, DAY);
                SvidVerifier peer = LeafSigner.verifier(authority.trustBundle(), Clock.systemUTC());
                if (apart.isNegative()) {
                    assertThat(peer.verify(issued.chain())).isEqualTo(ORDERS);
                }
            }
        }
    }

    @Test
    void aCrashBetweenAnyTwoStepsLosesNothing() throws Exception {
        VaultIntermediateAuthority authority = rig.open();
        X509Certificate first = authority.standing().issuer();
        authority.close();
        Path ca = rig.ca;
        Path spare = rig.folder.resolve("spare");
        Files.createDirectory(spare);
        copy(ca, spare);
        rig.clock.advance(LIFE.dividedBy(2));
        VaultIntermediateAuthority half = rig.open();
        Until.holds("prepared", SOON, () -> half.standing().next().isPresent());
        half.close();

        // Before the next one had its name: a leftover of its writing.
        Files.writeString(spare.resolve(".new-1234"), "half a key");
        try (var crashed = rig.openIn(spare)) {
            assertThat(crashed.standing().issuer()).isEqualTo(first);
            crashed.issue(rig.csr, ORDERS, DAY);
        }
        // Between the root and the issuer of a first start.
        Path third = Files.createDirectory(rig.folder.resolve("third"));
        Files.copy(ca.resolve("root.pem"), third.resolve("root.pem"), StandardCopyOption.COPY_ATTRIBUTES);
        try (var crashed = rig.openIn(third)) {
            assertThat(crashed.trustBundle()).isEqualTo(half.trustBundle());
        }
        // The current one is gone, as if taking over were a deletion and a move.
        Files.delete(ca.resolve("intermediate.pem"));
        VaultIntermediateAuthority left = rig.open();
        assertThat(left.issue(rig.csr, ORDERS, DAY).chain().getLast())
                .isEqualTo(half.standing().next().orElseThrow());
    }

    @Test
    void filesOfAnotherAuthorityOrKeyAreRefused() throws Exception {
        rig.open().close();
        rig.encryption = KeyEncryption.fromFile(rig.folder.resolve("other.key"));
        assertThatThrownBy(rig::open).isInstanceOf(IOException.class).hasMessageContaining("key file");
        rig.encryption = KeyEncryption.fromFile(rig.folder.resolve("ca.key"));
        EmbeddedAuthority.open(rig.folder.resolve("embedded"), SHOP, rig.encryption, rig.clock);
        Files.copy(
                rig.folder.resolve("embedded/intermediate.pem"),
                rig.folder.resolve("ca/intermediate.pem"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(rig::open).isInstanceOf(IOException.class).hasMessageContaining("cannot sign");
    }

    @Test
    void settingsWithoutAnIssuerAreRefusedWithWhatToDo() {
        assertThatThrownBy(() -> rig.open(rig.settings(Optional.empty())))
                .hasMessageContaining("rootIssuer")
                .hasMessageContaining("vault setup");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }
}
