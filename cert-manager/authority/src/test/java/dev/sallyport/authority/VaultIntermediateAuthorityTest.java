package dev.sallyport.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.vault.Heard;
import dev.sallyport.authority.vault.TestVault;
import dev.sallyport.authority.vault.Until;
import dev.sallyport.authority.vault.VaultAuth;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultIntermediateAuthorityTest {
    private static final TrustDomain SHOP = TestVault.TRUST_DOMAIN;
    private static final SpiffeId ORDERS = new SpiffeId(SHOP, "/ns/shop/sa/orders");
    private static final Duration DAY = Duration.ofHours(24);
    private static final Duration SOON = Duration.ofSeconds(20);
    /** As in the settings. */
    private static final Duration LIFE = Duration.ofDays(14);

    private static TestVault vault;
    private static VaultAuth.AppRole login;

    @TempDir
    Path folder;

    private final Heard heard = new Heard();
    private final KeyPair keys = CertificateSigningRequest.newKeyPair();
    private final TestClock clock = new TestClock(Instant.now());
    private KeyEncryption encryption;
    private Optional<VaultIntermediateAuthority> open = Optional.empty();

    @BeforeAll
    static void start(@TempDir Path folder) throws Exception {
        vault = TestVault.start(folder);
        login = vault.appRole("intermediates", Map.of("token_ttl", "1h"));
    }

    @AfterAll
    static void stop() {
        vault.close();
    }

    @BeforeEach
    void key() throws Exception {
        encryption = KeyEncryption.fromFile(folder.resolve("ca.key"));
    }

    @AfterEach
    void close() {
        open.ifPresent(VaultIntermediateAuthority::close);
    }

    @Test
    void theIntermediateIsBoundToTheTrustDomainAndItsKeyIsSealedHere() throws Exception {
        VaultIntermediateAuthority authority = open();
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
                        clock.instant().plus(LIFE).minusSeconds(60),
                        clock.instant().plus(LIFE).plusSeconds(60));
        assertThat(intermediate.getNotBefore())
                .as("for peers whose clocks are behind")
                .isBefore(Date.from(clock.instant().minusSeconds(3000)));
        Path file = folder.resolve("ca/intermediate.pem");
        assertThat(Files.readString(file)).contains("SALLYPORT SEALED KEY").doesNotContain("BEGIN PRIVATE KEY");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    @Test
    void leavesAreSignedHereAsAnyPeerAccepts() throws Exception {
        VaultIntermediateAuthority authority = open();
        IssuedCertificate issued = authority.issue(CertificateSigningRequest.der(keys), ORDERS, DAY);
        assertThat(X509Svid.of(issued.chain(), keys.getPrivate()).id()).isEqualTo(ORDERS);
        SvidVerifier peer = LeafSigner.verifier(authority.trustBundle(), clock);
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
        VaultIntermediateAuthority authority = open();
        X509Certificate first = authority.standing().issuer();
        assertThat(authority.standing().next()).isEmpty();
        authority.close();

        clock.advance(LIFE.dividedBy(2));
        // Vault's clock stays: what it signs now ends half a life before what it would sign then.
        VaultIntermediateAuthority half = open();
        Until.holds("prepared", SOON, () -> half.standing().next().isPresent());
        assertThat(half.standing().issuer()).isEqualTo(first);
        X509Certificate next = half.standing().next().orElseThrow();
        assertThat(half.standing().aloneUntil()).contains(next.getNotAfter().toInstant());
        half.close();

        VaultIntermediateAuthority again = open();
        assertThat(again.standing().next()).contains(next);
        clock.advance(LIFE.dividedBy(6));
        assertThat(again.issue(CertificateSigningRequest.der(keys), ORDERS, DAY)
                        .chain()
                        .getLast())
                .isEqualTo(next);
        again.close();
        assertThat(open().standing().issuer()).isEqualTo(next);
        assertThat(heard.security).isEmpty();
    }

    @Test
    void aSealedVaultHurtsNobody() throws Exception {
        open().close();
        vault.bao().seal();
        try {
            clock.advance(LIFE.dividedBy(2));
            VaultIntermediateAuthority authority = open();
            Until.holds("said", SOON, () -> authority.standing().problem().isPresent());
            assertThat(authority.standing().problem().orElseThrow()).contains("503", "sealed");
            Instant end = authority.standing().aloneUntil().orElseThrow();
            while (clock.instant().plus(DAY).isBefore(end)) {
                authority.issue(CertificateSigningRequest.der(keys), ORDERS, DAY);
                clock.advance(Duration.ofHours(6));
            }
            IssuedCertificate last = authority.issue(CertificateSigningRequest.der(keys), ORDERS, Duration.ofDays(3));
            assertThat(last.leaf().getNotAfter().toInstant())
                    .as("cut to the intermediate")
                    .isEqualTo(end);
            clock.advance(Duration.ofDays(2));
            assertThatThrownBy(() -> authority.issue(CertificateSigningRequest.der(keys), ORDERS, DAY))
                    .isInstanceOf(AuthorityUnavailableException.class)
                    .hasMessageContaining("sealed");
        } finally {
            vault.bao().unseal();
        }
    }

    @Test
    void afterAnOutageTheNextIntermediateComesByItself() throws Exception {
        open().close();
        clock.advance(LIFE.dividedBy(2));
        vault.bao().seal();
        try {
            VaultIntermediateAuthority authority = open();
            Until.holds("failed", SOON, () -> authority.standing().problem().isPresent());
        } finally {
            vault.bao().unseal();
        }
        VaultIntermediateAuthority authority = open.orElseThrow();
        clock.advance(Duration.ofMinutes(10)); // its longest pause
        Until.holds(
                "prepared",
                Duration.ofSeconds(90),
                () -> authority.standing().next().isPresent());
        assertThat(authority.standing().problem()).isEmpty();
    }

    @Test
    void aFirstStartNeedsVault() throws Exception {
        vault.bao().freeze();
        try {
            long from = System.nanoTime();
            assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("no answer in time");
            assertThat(Duration.ofNanos(System.nanoTime() - from)).isLessThan(Duration.ofSeconds(15));
            assertThat(folder.resolve("ca/root.pem")).doesNotExist();
        } finally {
            vault.bao().thaw();
        }
    }

    @Test
    void whoMayNotSignIntermediatesIsToldSo() throws Exception {
        vault.policy("path \"auth/token/lookup-self\" { capabilities = [\"read\"] }");
        try {
            assertThatThrownBy(this::open)
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("sign-intermediate")
                    .hasMessageContaining("--print-policy");
        } finally {
            vault.policy(vault.everything());
        }
    }

    @Test
    void aMovedDefaultIssuerChangesNothing() throws Exception {
        VaultIntermediateAuthority authority = open();
        Map<String, Object> fields = Map.of("common_name", "another root", "key_type", "ec", "key_bits", 256);
        String other = vault.write("pki_root/root/generate/internal", fields)
                .text("issuer_id")
                .orElseThrow();
        vault.write("pki_root/config/issuers", Map.of("default", other));
        try {
            clock.advance(LIFE.dividedBy(2));
            authority.close();
            VaultIntermediateAuthority half = open();
            Until.holds("prepared", SOON, () -> half.standing().next().isPresent());
            assertThat(half.trustBundle()).isEqualTo(authority.trustBundle());
        } finally {
            vault.write("pki_root/config/issuers", Map.of("default", vault.rootIssuer()));
            vault.root().delete("pki_root/issuer/" + other);
        }
    }

    @Test
    void anIssuerThatIsGoneIsSaidAndAnotherRootIsRefused() throws Exception {
        open().close();
        String other = vault.write(
                        "pki_root/root/generate/internal",
                        Map.of("common_name", "restored", "key_type", "ec", "key_bits", 256))
                .text("issuer_id")
                .orElseThrow();
        try {
            assertThatThrownBy(() -> open(settings(other)))
                    .as("as after a set-up anew")
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("which peers trust")
                    .hasMessageContaining("ca rotate");
        } finally {
            vault.root().delete("pki_root/issuer/" + other);
        }
        clock.advance(LIFE.dividedBy(2));
        Path issuer = folder.resolve("ca/issuer-" + vault.rootIssuer() + ".pem");
        Files.copy(issuer, folder.resolve("ca/issuer-" + other + ".pem"));
        VaultIntermediateAuthority authority = open(settings(other));
        Until.holds("said", SOON, () -> authority.standing().problem().isPresent());
        assertThat(authority.standing().problem().orElseThrow()).contains(other, "restored from a backup");
        authority.issue(CertificateSigningRequest.der(keys), ORDERS, DAY);
    }

    @Test
    void aShortMountIsSaidAndUsed() throws Exception {
        vault.write("sys/mounts/pki_root/tune", Map.of("default_lease_ttl", "96h", "max_lease_ttl", "96h"));
        try {
            VaultIntermediateAuthority authority = open();
            assertThat(authority.standing().aloneUntil().orElseThrow())
                    .isBefore(clock.instant().plus(Duration.ofHours(97)));
            assertThat(heard.warnings).anySatisfy(text -> assertThat(text).contains("max_lease_ttl"));
        } finally {
            vault.write("sys/mounts/pki_root/tune", Map.of("default_lease_ttl", "87600h", "max_lease_ttl", "87600h"));
        }
    }

    @Test
    void clocksFiveMinutesApartOnEitherSideDoNotMatter() throws Exception {
        for (Duration apart : List.of(Duration.ofMinutes(5), Duration.ofMinutes(-5))) {
            Clock ours = Clock.fixed(Instant.now().plus(apart), ZoneOffset.UTC);
            try (var authority = VaultIntermediateAuthority.open(
                    folder.resolve("ca" + apart), SHOP, vault.settings(login), encryption, ours, heard)) {
                IssuedCertificate issued = authority.issue(CertificateSigningRequest.der(keys), ORDERS, DAY);
                SvidVerifier peer = LeafSigner.verifier(authority.trustBundle(), Clock.systemUTC());
                if (apart.isNegative()) {
                    assertThat(peer.verify(issued.chain())).isEqualTo(ORDERS);
                }
            }
        }
    }

    @Test
    void aCrashBetweenAnyTwoStepsLosesNothing() throws Exception {
        VaultIntermediateAuthority authority = open();
        X509Certificate first = authority.standing().issuer();
        authority.close();
        Path ca = folder.resolve("ca");
        Path spare = folder.resolve("spare");
        Files.createDirectory(spare);
        copy(ca, spare);
        clock.advance(LIFE.dividedBy(2));
        VaultIntermediateAuthority half = open();
        Until.holds("prepared", SOON, () -> half.standing().next().isPresent());
        half.close();

        // Before the next one had its name: a leftover of its writing.
        Files.writeString(spare.resolve(".new-1234"), "half a key");
        try (var crashed = openIn(spare)) {
            assertThat(crashed.standing().issuer()).isEqualTo(first);
            crashed.issue(CertificateSigningRequest.der(keys), ORDERS, DAY);
        }
        // Between the root and the issuer of a first start.
        Path third = Files.createDirectory(folder.resolve("third"));
        Files.copy(ca.resolve("root.pem"), third.resolve("root.pem"), StandardCopyOption.COPY_ATTRIBUTES);
        try (var crashed = openIn(third)) {
            assertThat(crashed.trustBundle()).isEqualTo(half.trustBundle());
        }
        // The current one is gone, as if taking over were a deletion and a move.
        Files.delete(ca.resolve("intermediate.pem"));
        VaultIntermediateAuthority left = open();
        assertThat(left.issue(CertificateSigningRequest.der(keys), ORDERS, DAY)
                        .chain()
                        .getLast())
                .isEqualTo(half.standing().next().orElseThrow());
    }

    @Test
    void filesOfAnotherAuthorityOrKeyAreRefused() throws Exception {
        open().close();
        encryption = KeyEncryption.fromFile(folder.resolve("other.key"));
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("key file");
        encryption = KeyEncryption.fromFile(folder.resolve("ca.key"));
        EmbeddedAuthority.open(folder.resolve("embedded"), SHOP, encryption, clock);
        Files.copy(
                folder.resolve("embedded/intermediate.pem"),
                folder.resolve("ca/intermediate.pem"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("cannot sign");
    }

    @Test
    void settingsWithoutAnIssuerAreRefusedWithWhatToDo() {
        VaultSettings some = vault.settings(login);
        VaultSettings none = new VaultSettings(
                some.address(),
                some.caFile(),
                some.namespace(),
                some.mount(),
                some.rootMount(),
                some.role(),
                some.issuer(),
                Optional.empty(),
                LIFE,
                login);
        assertThatThrownBy(() -> open(none)).hasMessageContaining("rootIssuer").hasMessageContaining("vault setup");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.list(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    private static VaultSettings settings(String rootIssuer) {
        VaultSettings some = vault.settings(login);
        return new VaultSettings(
                some.address(),
                some.caFile(),
                some.namespace(),
                some.mount(),
                some.rootMount(),
                some.role(),
                some.issuer(),
                Optional.of(rootIssuer),
                LIFE,
                login);
    }

    private VaultIntermediateAuthority open() throws IOException {
        return open(vault.settings(login));
    }

    private VaultIntermediateAuthority open(VaultSettings settings) throws IOException {
        open.ifPresent(VaultIntermediateAuthority::close);
        VaultIntermediateAuthority authority =
                VaultIntermediateAuthority.open(folder.resolve("ca"), SHOP, settings, encryption, clock, heard);
        open = Optional.of(authority);
        return authority;
    }

    private VaultIntermediateAuthority openIn(Path other) throws IOException {
        return VaultIntermediateAuthority.open(other, SHOP, vault.settings(login), encryption, clock, heard);
    }
}
