package dev.sallyport.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.authority.setup.SettingsText;
import dev.sallyport.authority.setup.VaultSetup;
import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultAuth;
import dev.sallyport.authority.vault.VaultGateway;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.demo.bao.BaoServer;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A control plane's start with a real server that {@code vault setup} has set up, and then is as it should not be. */
class AuthorityByKindTest {
    private static final Set<AuthorityKind> BOTH =
            EnumSet.of(AuthorityKind.VAULT_LEAF, AuthorityKind.VAULT_INTERMEDIATE);
    private static final TrustDomain SHOP = new TrustDomain("shop.example");

    @TempDir
    private static Path server;

    private static BaoServer bao;
    private static VaultGateway gateway;
    private static Vault vault;
    private static VaultSettings set;

    @TempDir
    private Path folder;

    private Path settings;

    @BeforeAll
    static void start() throws Exception {
        bao = BaoServer.start(server.resolve("bao"));
        set = VaultSettings.of(
                URI.create(bao.address()),
                bao.caFile(),
                new VaultAuth.AppRole(
                        "approle", "control-plane", server.resolve("role_id"), server.resolve("secret_id"), false));
        gateway = VaultGateway.open(set);
        vault = gateway.as(bao.rootToken());
        set = applied(set, VaultSetup.Another.NONE);
        VaultSetup.Credentials credentials = VaultSetup.of(set, SHOP, BOTH, Clock.systemUTC())
                .credentials(vault)
                .orElseThrow();
        secret("role_id", credentials.roleId());
        secret("secret_id", credentials.secretId());
    }

    private static VaultSettings applied(VaultSettings before, VaultSetup.Another another) throws Exception {
        VaultSetup setup = VaultSetup.of(before, SHOP, BOTH, another, Clock.systemUTC());
        setup.apply(vault, true, _ -> {});
        return setup.found();
    }

    private static void secret(String name, String value) throws IOException {
        Path file = Files.writeString(server.resolve(name), value);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }

    @AfterAll
    static void stop() {
        gateway.close();
        bao.close();
    }

    @BeforeEach
    void settings() throws IOException {
        settings = Files.writeString(folder.resolve("vault.yaml"), SettingsText.of(set));
    }

    private Foundation open(AuthorityKind kind) throws Exception {
        return Foundation.open(
                ServerConfig.read(Flags.parse(
                        new String[] {
                            "--dev",
                            "--state",
                            folder.resolve("state").toString(),
                            "--trust-domain",
                            SHOP.name(),
                            "--authority",
                            kind.code(),
                            "--vault",
                            settings.toString()
                        },
                        Map.of())),
                folder,
                Clock.systemUTC());
    }

    private static X509Certificate leaf(Foundation foundation) throws Exception {
        CertificateAuthority authority = foundation.authorities().active();
        return authority
                .issue(
                        CertificateSigningRequest.der(CertificateSigningRequest.newKeyPair()),
                        SHOP.id("/sa/orders"),
                        Duration.ofHours(1))
                .leaf();
    }

    private static void role(String key, Object value) throws Exception {
        Map<String, Object> fields =
                new LinkedHashMap<>(vault.read("pki_mesh/roles/mesh-leaf").data());
        fields.put(key, value);
        vault.write("pki_mesh/roles/mesh-leaf", fields);
    }

    @ParameterizedTest
    @EnumSource(names = {"VAULT_LEAF", "VAULT_INTERMEDIATE"})
    void signsAfterTheStartAndAfterTheNext(AuthorityKind kind) throws Exception {
        try (Foundation first = open(kind)) {
            assertThat(first.authorities().active().standing().kind()).isEqualTo(kind);
            assertThat(leaf(first).getSubjectAlternativeNames())
                    .contains(List.of(6, "spiffe://shop.example/sa/orders"));
        }
        try (Foundation again = open(kind)) {
            leaf(again);
        }
    }

    @Test
    void aMisSetRoleRefusesTheStartInASentenceAndMendedItStarts() throws Exception {
        role("allow_ip_sans", true);
        assertThatThrownBy(() -> open(AuthorityKind.VAULT_LEAF))
                .isInstanceOf(IOException.class)
                .hasMessage("vault: pki_mesh/roles/mesh-leaf: allow_ip_sans is true (expected: false); run: sallyport"
                        + " vault setup --apply");
        role("allow_ip_sans", false);
        try (Foundation foundation = open(AuthorityKind.VAULT_LEAF)) {
            leaf(foundation);
        }
    }

    /** Streams, snapshots and revocations do not need an authority: a mesh that runs is not left alone because one cannot sign. */
    @Test
    void atALaterStartAMisSetRoleSignsNothingUntilItIsMended() throws Exception {
        try (Foundation foundation = open(AuthorityKind.VAULT_LEAF)) {
            leaf(foundation);
        }
        role("no_store", false);
        try (Foundation foundation = open(AuthorityKind.VAULT_LEAF)) {
            assertThatThrownBy(() -> leaf(foundation)).isInstanceOf(AuthorityUnavailableException.class);
            assertThat(foundation.authorities().active().standing().problem().orElseThrow())
                    .contains("no_store is false");
        } finally {
            role("no_store", true);
        }
        try (Foundation foundation = open(AuthorityKind.VAULT_LEAF)) {
            leaf(foundation);
        }
    }

    @Test
    void sealedItDoesNotStartForTheFirstTimeButGoesOnWithTheIntermediateThatItHas() throws Exception {
        try (Foundation foundation = open(AuthorityKind.VAULT_INTERMEDIATE)) {
            leaf(foundation);
        }
        bao.seal();
        try (Foundation foundation = open(AuthorityKind.VAULT_INTERMEDIATE)) {
            leaf(foundation);
        }
        Path other = folder.resolve("other");
        Files.createDirectories(other);
        folder = other;
        assertThatThrownBy(() -> open(AuthorityKind.VAULT_INTERMEDIATE))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("503");
        bao.unseal();
    }

    @Test
    void aLeafAuthorityStartsWithoutAnAnswerAndSaysSoToWhoAsks() throws Exception {
        open(AuthorityKind.VAULT_LEAF).close();
        bao.seal();
        try (Foundation foundation = open(AuthorityKind.VAULT_LEAF)) {
            assertThatThrownBy(() -> leaf(foundation)).isInstanceOf(AuthorityUnavailableException.class);
        }
        bao.unseal();
        try (Foundation foundation = open(AuthorityKind.VAULT_LEAF)) {
            leaf(foundation);
        }
    }

    @Test
    void anIntermediateThatIsGoodOutlivesAVaultThatAnswersWrongly() throws Exception {
        open(AuthorityKind.VAULT_INTERMEDIATE).close();
        String policy = "sys/policies/acl/sallyport-" + SHOP.name();
        Map<String, Object> before =
                Map.of("policy", vault.read(policy).text("policy").orElseThrow());
        vault.write(policy, Map.of("policy", "path \"sys/capabilities-self\" { capabilities = [\"update\"] }"));
        try (Foundation foundation = open(AuthorityKind.VAULT_INTERMEDIATE)) {
            leaf(foundation);
        }
        folder = Files.createDirectories(folder.resolve("other"));
        assertThatThrownBy(() -> open(AuthorityKind.VAULT_INTERMEDIATE))
                .hasMessageContaining("/sign-intermediate: no right to update");
        vault.write(policy, before);
    }

    @Test
    void anAuthorityStaysWithTheIssuerThatItBeganWith() throws Exception {
        X509Certificate before;
        try (Foundation foundation = open(AuthorityKind.VAULT_LEAF)) {
            before = foundation.authorities().active().standing().issuer();
        }
        VaultSettings next = applied(set, VaultSetup.Another.ISSUER);
        Files.writeString(settings, SettingsText.of(next));
        try (Foundation foundation = open(AuthorityKind.VAULT_LEAF)) {
            assertThat(foundation.authorities().active().standing().issuer()).isEqualTo(before);
            leaf(foundation).verify(before.getPublicKey());
        }
        // The next generation, as a rotation opens it, begins with what the settings say then.
        var opener = new AuthorityByKind(
                SHOP,
                KeyEncryption.fromFile(folder.resolve("key")),
                Optional.of(settings),
                Duration.ofHours(24),
                Clock.systemUTC());
        CertificateAuthority second = opener.open(AuthorityKind.VAULT_LEAF, folder.resolve("2"));
        assertThat(second.standing().issuer()).isNotEqualTo(before);
        ((AutoCloseable) second).close();
    }

    @Test
    void badSettingsAreOneClearMessage() throws Exception {
        assertThatThrownBy(() -> ServerConfig.read(Flags.parse(
                        new String[] {"--state", "s", "--trust-domain", "a.example", "--authority", "vault-leaf"},
                        Map.of())))
                .hasMessageContaining("authority: ")
                .hasMessageContaining("vault-leaf without vault (expected: the file that sallyport vault setup wrote");
        assertThatThrownBy(() -> ServerConfig.read(
                        Flags.parse(new String[] {"--state", "s"}, Map.of("SALLYPORT_AUTHORITY", "magic"))))
                .hasMessageContaining("magic (expected: embedded | vault-intermediate | vault-leaf)");
        settings = folder.resolve("none.yaml");
        assertThatThrownBy(() -> open(AuthorityKind.VAULT_LEAF)).hasMessageContaining("none.yaml: not found");
        settings = Files.writeString(folder.resolve("bad.yaml"), "address: http://vault\nauth: {method: magic}\n");
        assertThatThrownBy(() -> open(AuthorityKind.VAULT_LEAF))
                .hasMessageContaining("http://vault (expected: https://host:port")
                .hasMessageContaining("magic (expected: approle");
        settings = Files.writeString(
                folder.resolve("start.yaml"),
                SettingsText.of(set)
                        .lines()
                        .filter(line -> !line.contains("ssuer"))
                        .reduce("", (a, b) -> a + b + "\n"));
        assertThatThrownBy(() -> open(AuthorityKind.VAULT_LEAF))
                .hasMessageContaining("issuer: missing in the settings (expected: the id of one); run: sallyport vault"
                        + " setup --apply");
        assertThatThrownBy(() -> open(AuthorityKind.VAULT_INTERMEDIATE)).hasMessageContaining("rootIssuer: missing");
    }
}
