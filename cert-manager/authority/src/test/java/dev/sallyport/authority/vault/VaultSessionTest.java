package dev.sallyport.authority.vault;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.sallyport.authority.vault.VaultException.Kind;
import dev.sallyport.identity.CertificateSigningRequest;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class VaultSessionTest {
    private static final Duration SOON = Duration.ofSeconds(20);
    private static final String SELF = "auth/token/lookup-self";

    private static TestVault vault;

    private final Heard heard = new Heard();
    private final List<VaultSession> open = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        vault = TestVault.shared();
    }

    @AfterEach
    void close() {
        open.forEach(VaultSession::close);
    }

    @Test
    void appRoleLogsIn() throws Exception {
        assertThat(self(session(vault.appRole("plain", Map.of()))).text("display_name"))
                .contains("approle");
    }

    @Test
    void theTokenOfAServiceAccountLogsIn() throws Exception {
        assertThat(self(session(vault.jwt(TestVault.AUDIENCE)))
                        .text("display_name")
                        .orElseThrow())
                .startsWith("jwt");
    }

    @Test
    void aServiceAccountsTokenForAnotherAudienceDoesNot() throws Exception {
        VaultException refused = refused(session(vault.jwt("https://kubernetes.default.svc")));
        assertThat(refused.kind()).isEqualTo(Kind.FORBIDDEN);
        assertThat(refused).hasMessageContaining("auth/jwt/login");
    }

    @Test
    void aClientCertificateLogsIn() throws Exception {
        Forged.Certified ca = Forged.selfSigned("clients", true);
        assertThat(self(session(vault.certificate(ca, ca))).text("display_name").orElseThrow())
                .startsWith("cert");
    }

    @Test
    void aClientCertificateOfAnotherCaDoesNot() throws Exception {
        VaultAuth.Certificate foreign =
                vault.certificate(Forged.selfSigned("clients", true), Forged.selfSigned("clients", true));
        assertThat(refused(session(foreign)).kind()).isEqualTo(Kind.FORBIDDEN);
    }

    @Test
    void aTokenInAFileIsUsedAndNotRevokedAtTheEnd() throws Exception {
        VaultSession session = session(new VaultAuth.TokenFile(vault.secret(vault.token())));
        String accessor = accessor(session);
        session.close();
        assertThat(alive(accessor)).isTrue();
    }

    @Test
    void ourOwnTokenIsGivenBackAtTheEnd() throws Exception {
        VaultSession session = session(vault.appRole("giving", Map.of()));
        String accessor = accessor(session);
        assertThat(alive(accessor)).isTrue();
        session.close();
        assertThat(alive(accessor)).isFalse();
    }

    @Test
    @SideBySide
    void theTokenIsRenewedAtHalfOfItsLease() throws Exception {
        VaultSession session = session(vault.appRole("short", Map.of("token_ttl", "4s", "token_max_ttl", "600s")));
        String accessor = accessor(session);
        Until.holds(
                "two leases have passed",
                SOON,
                () -> self(session).number("creation_time").orElseThrow() + 9 < System.currentTimeMillis() / 1000);
        assertThat(accessor(session)).as("the same token").isEqualTo(accessor);
        assertThat(self(session).number("last_renewal_time")).isPresent();
        assertThat(heard.warnings).isEmpty();
    }

    @Test
    @SideBySide
    void aTokenNearItsMaximumLifeIsFollowedByAnotherBeforeItEnds() throws Exception {
        VaultSession session = session(vault.appRole("mortal", Map.of("token_ttl", "3s", "token_max_ttl", "4s")));
        String first = accessor(session);
        // Without a look that could itself log in: the next token must come by itself.
        Until.holds("another token", SOON, () -> !current(session, first));
        assertThat(accessor(session)).isNotEqualTo(first);
        assertThat(heard.warnings).isEmpty();
    }

    @Test
    @SideBySide
    void aBatchTokenWhichCannotBeRenewedIsFollowedByAnother() throws Exception {
        VaultSession session = session(vault.appRole("batch", Map.of("token_type", "batch", "token_ttl", "3s")));
        long made = self(session).number("creation_time").orElseThrow();
        Until.holds(
                "a later one", SOON, () -> self(session).number("creation_time").orElseThrow() > made + 3);
        assertThat(heard.warnings).isEmpty();
    }

    @Test
    void aRevokedTokenCostsOneLoginAndNoCall() throws Exception {
        VaultAuth.AppRole role = vault.appRole("revoked", Map.of());
        VaultSession session = session(role);
        String first = accessor(session);
        assertThat(vault.tokens(role)).isEqualTo(1);
        vault.revokeAccessor(first);
        try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<String>> calls = new ArrayList<>();
            for (int i = 0; i < 30; i++) {
                calls.add(callers.submit(() -> accessor(session)));
            }
            for (Future<String> call : calls) {
                assertThat(call.get()).isNotEqualTo(first);
            }
        }
        assertThat(vault.tokens(role)).as("one gone, one made").isEqualTo(1);
        assertThat(heard.warnings).isEmpty();
    }

    @Test
    void whatThePolicyForbidsIsTriedWithOneFurtherLoginAndThenNotForAWhile() throws Exception {
        VaultAuth.AppRole role = vault.appRole("modest", Map.of());
        VaultSession session = session(role);
        String first = accessor(session);
        int tokens = vault.tokens(role);
        for (int i = 0; i < 20; i++) {
            VaultException refused =
                    catchThrowableOfType(VaultException.class, () -> session.read("sys/mounts/pki_mesh"));
            assertThat(refused.kind()).isEqualTo(Kind.FORBIDDEN);
        }
        assertThat(vault.tokens(role)).isLessThanOrEqualTo(tokens + 2).isGreaterThan(tokens);
        assertThat(heard.warnings).hasSize(1).first().asString().contains("sys/mounts", "policy");
        vault.revokeAccessor(accessor(session));
        assertThat(accessor(session)).as("another path still gets its login").isNotEqualTo(first);
    }

    @Test
    void aWrappedSecretIdIsOpenedOnceAndItsFileGoes() throws Exception {
        VaultAuth.AppRole role = vault.wrapped(vault.appRole("wrapped", Map.of()));
        String wrapping = Files.readString(role.secretIdFile()).strip();
        VaultSession session = session(role);
        String first = accessor(session);
        assertThat(role.secretIdFile()).doesNotExist();
        vault.revokeAccessor(first);
        assertThat(accessor(session))
                .as("the opened one is good for more logins")
                .isNotEqualTo(first);
        assertThat(heard.security).isEmpty();

        Files.writeString(role.secretIdFile(), wrapping);
        Files.setPosixFilePermissions(role.secretIdFile(), PosixFilePermissions.fromString("rw-------"));
        VaultSession second = session(role);
        for (int i = 0; i < 5; i++) {
            assertThat(refused(second)).hasMessageContaining("opened already");
        }
        assertThat(heard.security)
                .hasSize(1)
                .first()
                .asString()
                .contains("opened already")
                .doesNotContain(wrapping);
    }

    @Test
    void whatWrapsAnythingButOurSecretIdIsASecurityEventAndNotOpened() throws Exception {
        VaultAuth.AppRole role = vault.appRole("target", Map.of());
        vault.appRole("other", Map.of());
        String foreign = vault.wrap("auth/approle/role/other/secret-id");
        VaultSession session =
                session(new VaultAuth.AppRole("approle", "target", role.roleIdFile(), vault.secret(foreign), true));
        assertThat(refused(session).kind()).isEqualTo(Kind.FORBIDDEN);
        assertThat(heard.security).singleElement().asString().contains("auth/approle/role/other/secret-id");
        assertThat(vault.bao()
                        .ask("POST", "sys/wrapping/lookup", "{\"token\":\"" + foreign + "\"}", "")
                        .status())
                .as("still closed")
                .isEqualTo(200);
    }

    @Test
    void aSecretIdThatRunsOutIsSaidOnce() throws Exception {
        VaultSession session = session(vault.appRole("few", Map.of("secret_id_num_uses", 3, "token_ttl", "2s")));
        accessor(session);
        assertThat(heard.warnings).singleElement().asString().contains("good for 2 more logins");
        VaultSession brief = session(vault.appRole("brief", Map.of("secret_id_ttl", "3600s")));
        accessor(brief);
        assertThat(heard.warnings).hasSize(2).last().asString().contains("ends at");
    }

    @Test
    void aMissingOrOpenSecretFileIsSaidWithItsName() throws Exception {
        VaultAuth.AppRole role = vault.appRole("open", Map.of());
        Files.setPosixFilePermissions(role.secretIdFile(), PosixFilePermissions.fromString("rw-r--r--"));
        assertThat(refused(session(role))).hasMessageContaining("chmod o-rwx");
        Files.delete(role.secretIdFile());
        assertThat(refused(session(role)))
                .hasMessageContaining(role.secretIdFile().toString())
                .hasMessageContaining("missing");
    }

    @Test
    void aNamespaceHasItsOwnMountsAndMethods() throws Exception {
        TestVault team = vault.inNamespace("team");
        VaultSession session = session(team, team.wrapped(team.appRole("inside", Map.of())));
        assertThat(session.write(
                                "pki_mesh/issuer/" + team.issuer() + "/sign/mesh-leaf",
                                Map.of(
                                        "csr",
                                        CertificateSigningRequest.pem(CertificateSigningRequest.newKeyPair()),
                                        "uri_sans",
                                        "spiffe://shop.example/a"))
                        .text("certificate"))
                .isPresent();
        VaultSession outside = session(team, vault.appRole("outside", Map.of()));
        assertThat(refused(outside).kind()).isEqualTo(Kind.FORBIDDEN);
        assertThat(heard.security).isEmpty();
    }

    @Test
    void nothingThatIsPrintedHoldsASecret() throws Exception {
        VaultAuth.AppRole role = vault.appRole("quiet", Map.of());
        String secretId = Files.readString(role.secretIdFile()).strip();
        VaultSettings settings = vault.settings(role);
        try (VaultGateway gateway = VaultGateway.open(settings)) {
            VaultAnswer answer = gateway.asNobody()
                    .write(
                            "auth/approle/login",
                            Map.of(
                                    "role_id",
                                    Files.readString(role.roleIdFile()).strip(),
                                    "secret_id",
                                    secretId));
            String token = String.valueOf(answer.auth().get("client_token"));
            assertThat(answer + " " + VaultToken.ofLogin(answer.auth()) + settings + gateway)
                    .doesNotContain(token)
                    .doesNotContain(secretId);
        }
    }

    private VaultSession session(VaultAuth auth) throws Exception {
        return session(vault, auth);
    }

    private VaultSession session(TestVault vault, VaultAuth auth) throws Exception {
        VaultSession session = VaultSession.open(vault.settings(auth), heard, InstantSource.system());
        open.add(session);
        return session;
    }

    private static VaultAnswer self(VaultSession session) throws VaultException {
        return session.read(SELF);
    }

    private static String accessor(VaultSession session) throws VaultException {
        return self(session).text("accessor").orElseThrow();
    }

    private static boolean current(VaultSession session, String accessor) throws VaultException {
        return accessor(session).equals(accessor);
    }

    private static boolean alive(String accessor) throws Exception {
        return vault.bao()
                        .request("POST", "auth/token/lookup-accessor", "{\"accessor\":\"" + accessor + "\"}")
                        .status()
                == 200;
    }

    private static VaultException refused(VaultSession session) {
        return catchThrowableOfType(VaultException.class, () -> self(session));
    }
}
