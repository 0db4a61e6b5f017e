package dev.sallyport.authority.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.authority.vault.Forged;
import dev.sallyport.authority.vault.SharedBao;
import dev.sallyport.authority.vault.VaultAnswer;
import dev.sallyport.authority.vault.VaultAuth;
import dev.sallyport.authority.vault.VaultEvents;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultSession;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The role at each auth method lets the control plane in, with its policy and no other, and nobody else. */
class LoginPartsTest {
    @TempDir
    private static Path folder;

    private static int files;
    private SetUp mesh;

    @BeforeEach
    void open() throws Exception {
        mesh = new SetUp(SharedBao.server());
    }

    @AfterEach
    void close() {
        mesh.close();
    }

    private static Path secret(String text) throws IOException {
        Path file = folder.resolve("secret" + files++);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, text);
    }

    private VaultAnswer loggedIn(VaultAuth auth) throws Exception {
        try (VaultSession session = VaultSession.open(mesh.withAuth(auth), VaultEvents.logged(), Clock.systemUTC())) {
            return session.read("auth/token/lookup-self");
        }
    }

    private void onlyOurPolicy(VaultAuth auth) throws Exception {
        assertThat(loggedIn(auth).texts("policies")).containsExactly("sallyport-" + mesh.trustDomain.name());
    }

    private void refused(VaultAuth auth) {
        assertThatThrownBy(() -> loggedIn(auth))
                .isInstanceOfSatisfying(
                        VaultException.class, e -> assertThat(e.kind()).isEqualTo(VaultException.Kind.FORBIDDEN));
    }

    @Test
    void byAppRole() throws Exception {
        mesh.apply(SetUp.BOTH);
        VaultSetup.Credentials credentials =
                mesh.setup(SetUp.BOTH).credentials(mesh.vault).orElseThrow();
        VaultAuth.AppRole before = (VaultAuth.AppRole) mesh.settings.auth();
        Path roleId = secret(credentials.roleId());
        onlyOurPolicy(
                new VaultAuth.AppRole(before.mount(), before.role(), roleId, secret(credentials.secretId()), false));
        refused(new VaultAuth.AppRole(before.mount(), before.role(), roleId, secret("guessed"), false));
    }

    @Test
    void byJwtOfOneSubjectAndAudience() throws Exception {
        String mount = mesh.settings.mount().replace("pki_mesh", "jwt");
        KeyPair cluster = CertificateSigningRequest.newKeyPair();
        VaultAuth own = new VaultAuth.Jwt(mount, "control-plane", jwt(cluster, "sa:control-plane", "vault"));
        mesh.settings = mesh.withAuth(own);
        assertThatThrownBy(() -> mesh.apply(SetUp.LEAF))
                .isInstanceOfSatisfying(
                        SetupException.class,
                        e -> assertThat(e.sentences())
                                .singleElement()
                                .asString()
                                .startsWith("sys/auth/" + mount
                                        + ": missing (expected: method jwt, configured with whom it trusts"));
        mesh.vault.write("sys/auth/" + mount, Map.of("type", "jwt"));
        mesh.vault.write(
                "auth/" + mount + "/config",
                Map.of(
                        "jwt_validation_pubkeys",
                        List.of(Pem.encode("PUBLIC KEY", cluster.getPublic().getEncoded()))));

        mesh.apply(SetUp.LEAF);

        assertThat(SetUp.wrong(mesh.check(SetUp.LEAF))).isEmpty();
        onlyOurPolicy(own);
        refused(new VaultAuth.Jwt(mount, "control-plane", jwt(cluster, "sa:other", "vault")));
        refused(new VaultAuth.Jwt(mount, "control-plane", jwt(cluster, "sa:control-plane", "kubernetes")));
    }

    private static Path jwt(KeyPair keys, String subject, String audience) throws Exception {
        return secret(
                Forged.jwt(keys.getPrivate(), subject, audience, Instant.now().plusSeconds(600)));
    }

    @Test
    void byOneCertificate() throws Exception {
        Forged.Certified ca = Forged.selfSigned("clients", true);
        VaultAuth.Certificate alone = certificate(Forged.client("control-plane", ca), List.of());
        mesh.settings = mesh.withAuth(alone);
        mesh.apply(SetUp.LEAF);
        assertThat(SetUp.wrong(mesh.check(SetUp.LEAF))).isEmpty();
        onlyOurPolicy(alone);
        refused(certificate(Forged.client("control-plane", ca), List.of()));
    }

    @Test
    void byWhateverCertificateOfOneNameThatItsIssuerMakes() throws Exception {
        Forged.Certified ca = Forged.selfSigned("clients", true);
        VaultAuth own = certificate(Forged.client("control-plane", ca), List.of(ca));
        mesh.settings = mesh.withAuth(own);
        mesh.apply(SetUp.LEAF);
        assertThat(SetUp.wrong(mesh.check(SetUp.LEAF))).isEmpty();
        onlyOurPolicy(own);
        onlyOurPolicy(certificate(Forged.client("control-plane", ca), List.of(ca)));
        refused(certificate(Forged.client("orders", ca), List.of(ca)));
    }

    @Test
    void aCertificateWithoutACommonNameIsRefusedBeforeVaultRefusesItsLogins() throws Exception {
        EmbeddedAuthority workloads = EmbeddedAuthority.open(
                folder.resolve("workloads"),
                mesh.trustDomain,
                KeyEncryption.fromFile(folder.resolve("key")),
                Clock.systemUTC());
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        List<X509Certificate> svid = workloads
                .issue(
                        CertificateSigningRequest.der(keys),
                        mesh.trustDomain.id("/sallyport/control-plane"),
                        Duration.ofHours(1))
                .chain();
        mesh.settings = mesh.withAuth(new VaultAuth.Certificate(
                "cert", "r", secret(Pem.encode(svid)), secret(Pem.encode(keys.getPrivate()))));
        assertThatThrownBy(() -> mesh.setup(SetUp.LEAF))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no common name (expected: one");
    }

    private VaultAuth.Certificate certificate(Forged.Certified client, List<Forged.Certified> above) throws Exception {
        StringBuilder chain = new StringBuilder(Pem.encode(List.of(client.certificate())));
        above.forEach(certified -> chain.append(Pem.encode(List.of(certified.certificate()))));
        return new VaultAuth.Certificate(
                "cert",
                "control-plane",
                secret(chain.toString()),
                secret(Pem.encode(client.keys().getPrivate())));
    }

    @Test
    void aTokenOfSomebodyElsesNeedsNoRoleAndABadJwtFileIsNamedWithoutQuotingIt() throws Exception {
        mesh.settings = mesh.withAuth(new VaultAuth.TokenFile(Path.of("token")));
        mesh.apply(SetUp.LEAF);
        assertThat(mesh.setup(SetUp.LEAF).credentials(mesh.vault)).isEmpty();
        mesh.settings = mesh.withAuth(new VaultAuth.Jwt("jwt", "r", secret("not.a!.jwt")));
        assertThatThrownBy(() -> mesh.setup(SetUp.LEAF))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("jwtFile: ")
                .message()
                .doesNotContain("not.a");
    }
}
