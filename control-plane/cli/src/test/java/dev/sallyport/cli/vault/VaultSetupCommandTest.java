package dev.sallyport.cli.vault;

import static dev.sallyport.cli.testing.Ran.sallyport;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.authority.vault.VaultAuth;
import dev.sallyport.authority.vault.VaultEvents;
import dev.sallyport.authority.vault.VaultSession;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.cli.testing.Ran;
import dev.sallyport.demo.bao.BaoServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VaultSetupCommandTest {
    private static BaoServer bao;

    @TempDir
    private static Path folder;

    private static Path token;

    @BeforeAll
    static void start() throws Exception {
        bao = BaoServer.start(folder.resolve("bao"));
        token = secret("token", bao.rootToken());
    }

    @AfterAll
    static void stop() {
        bao.close();
    }

    private static Path secret(String name, String text) throws Exception {
        Path file = Files.writeString(folder.resolve(name), text + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    /** Mounts of its own for each test. */
    private static Path start(String name) throws Exception {
        return Files.writeString(
                folder.resolve(name + ".yaml"), """
                address: %s
                caFile: %s
                mount: mesh-%s
                rootMount: root-%s
                auth: {method: approle, mount: approle-%s, role: sallyport, roleIdFile: role_id, secretIdFile: secret_id}
                """.formatted(bao.address(), bao.caFile(), name, name, name));
    }

    private static Ran setup(Object config, Object... more) {
        List<Object> words =
                new ArrayList<>(List.of("vault", "setup", "--config", config, "--trust-domain", "shop.example"));
        words.addAll(List.of(more));
        return sallyport(words.toArray());
    }

    @Test
    void twoCommandsFromAnEmptyVaultToWhatAControlPlaneStartsWith() throws Exception {
        Path start = start("empty");
        Path creds = folder.resolve("creds");

        Ran before = setup(start, "--check", "--token-file", token);
        assertThat(before.exit()).isEqualTo(1);
        assertThat(before.out()).contains("× sys/mounts/root-empty: missing", "× mesh-empty/roles/mesh-leaf: missing");
        assertThat(before.err()).contains("wrong; fix: sallyport vault setup --apply");

        Ran applied = setup(start, "--apply", "--token-file", token, "--credentials", creds)
                .held();
        assertThat(applied.err())
                .contains("+ sys/mounts/root-empty: mounted as pki", "+ mesh-empty/roles/mesh-leaf: written: ")
                .contains("new credentials and the settings: " + creds.resolve("vault.yaml"))
                .doesNotContain(bao.rootToken());
        VaultSettings settings = VaultSettings.read(creds.resolve("vault.yaml"));
        assertThat(settings.issuer()).isPresent();
        assertThat(settings.rootIssuer()).isPresent();
        assertThat(applied.out()).isEqualTo(Files.readString(creds.resolve("vault.yaml")));
        VaultAuth.AppRole auth = (VaultAuth.AppRole) settings.auth();
        for (Path file : List.of(auth.roleIdFile(), auth.secretIdFile())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
            assertThat(applied.out() + applied.err())
                    .doesNotContain(Files.readString(file).strip());
        }
        assertThat(bao.ask(
                                "POST",
                                "auth/approle-empty/login",
                                "{\"role_id\":\""
                                        + Files.readString(auth.roleIdFile()).strip()
                                        + "\",\"secret_id\":\""
                                        + Files.readString(auth.secretIdFile()).strip() + "\"}",
                                "")
                        .status())
                .isEqualTo(200);

        Ran after = setup(creds.resolve("vault.yaml"), "--check", "--token-file", token)
                .held();
        assertThat(after.out())
                .contains("√ mesh-empty/roles/mesh-leaf: allow_ip_sans: false")
                .doesNotContain("×", "‼");

        String secret = Files.readString(auth.secretIdFile());
        Ran again = setup(creds.resolve("vault.yaml"), "--apply", "--token-file", token, "--credentials", creds)
                .held();
        assertThat(again.err())
                .contains("= mesh-empty/roles/mesh-leaf: kept", "credentials kept")
                .doesNotContain("+ ");
        assertThat(Files.readString(auth.secretIdFile())).isEqualTo(secret);
    }

    @Test
    void aWrappedSecretIdIsGoodForOneLogin() throws Exception {
        Path start = start("wrapped");
        Files.writeString(start, Files.readString(start).replace("secret_id}", "secret_id, wrapped: true}"));
        Path creds = folder.resolve("wrapped-creds");
        setup(start, "--apply", "--token-file", token, "--credentials", creds).held();
        VaultSettings settings = VaultSettings.read(creds.resolve("vault.yaml"));
        for (int i = 0; i < 2; i++) {
            try (VaultSession session = VaultSession.open(settings, VaultEvents.logged(), Clock.systemUTC())) {
                assertThat(session.read("auth/token/lookup-self").texts("policies"))
                        .containsExactly("sallyport-shop.example");
            }
            assertThat(creds.resolve("secret_id")).doesNotExist();
            setup(creds.resolve("vault.yaml"), "--apply", "--token-file", token, "--credentials", creds)
                    .held();
            assertThat(creds.resolve("secret_id")).exists();
        }
    }

    @Test
    void whatIsMisSetIsNamedInJsonToo() throws Exception {
        Path start = start("json");
        JsonNode applied = setup(start, "--apply", "--token-file", token, "--mode", "vault-leaf", "-o", "json")
                .held()
                .json();
        assertThat(applied.path("settings").asText()).contains("issuer: \"");
        bao.request("POST", "mesh-json/config/crl", "{\"disable\":true}").ok();
        Ran ran = setup(start, "--check", "--token-file", token, "--mode", "vault-leaf", "-o", "json");
        assertThat(ran.exit()).isEqualTo(1);
        assertThat(ran.json().path("ok").asBoolean()).isFalse();
        assertThat(ran.json().path("lines"))
                .filteredOn(line -> line.path("outcome").asText().equals("wrong"))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.path("where").asText()).isEqualTo("mesh-json/config/crl");
                    assertThat(line.path("what").asText()).isEqualTo("disable: true (expected: false)");
                });
    }

    @Test
    void policiesArePrintedWithoutAVaultAndWithoutAToken() throws Exception {
        Path far = Files.writeString(folder.resolve("far.yaml"), """
                address: https://vault.invalid:8200
                auth: {method: approle, role: sallyport, roleIdFile: r, secretIdFile: s}
                """);
        assertThat(setup(far, "--print-policy", "--mode", "vault-leaf").held().out())
                .isEqualTo("""
                        # Sallyport control plane of trust domain shop.example: signs, and keeps its own token alive. No role, no mount, no policy, no sudo.

                        path "pki_mesh/issuer/+/sign/mesh-leaf" {
                          capabilities = ["update"]
                        }

                        path "pki_mesh/revoke" {
                          capabilities = ["update"]
                        }

                        path "auth/token/lookup-self" {
                          capabilities = ["read"]
                        }

                        path "auth/token/renew-self" {
                          capabilities = ["update"]
                        }

                        path "auth/token/revoke-self" {
                          capabilities = ["update"]
                        }

                        path "sys/capabilities-self" {
                          capabilities = ["update"]
                        }

                        path "auth/approle/role/sallyport/secret-id/lookup" {
                          capabilities = ["update"]
                        }
                        """);
        assertThat(setup(far, "--print-policy").held().out())
                .contains("path \"pki_root/issuer/+/sign-intermediate\"")
                .doesNotContain("sudo\"");
        assertThat(setup(far, "--print-setup-policy").held().out())
                .contains("path \"sys/mounts/pki_root\" {\n  capabilities = [\"read\", \"update\"]\n}")
                .contains("path \"sys/auth/approle\" {\n  capabilities = [\"sudo\", \"update\"]\n}");
    }

    @Test
    void rightsThatAreMissingAreNamedAndNothingIsChanged() throws Exception {
        bao.request(
                        "POST",
                        "sys/policies/acl/looker",
                        "{\"policy\":\"path \\\"*\\\" {capabilities=[\\\"read\\\",\\\"list\\\"]}"
                                + " path \\\"sys/capabilities-self\\\" {capabilities=[\\\"update\\\"]}\"}")
                .ok();
        String value = new ObjectMapper()
                .readTree(bao.request("POST", "auth/token/create", "{\"policies\":[\"looker\"]}")
                        .ok()
                        .body())
                .path("auth")
                .path("client_token")
                .asText();
        Ran ran = setup(start("rights"), "--apply", "--token-file", secret("looker", value))
                .refused(
                        1,
                        "sallyport: set-up token: rights are missing, nothing was changed",
                        "sys/mounts/root-rights: no right to update (expected: [update])");
        assertThat(ran.out()).isEmpty();
        assertThat(bao.request("GET", "sys/mounts", "").body()).doesNotContain("root-rights");
    }

    @Test
    void wrongUsageAndBadFilesAreOneClearMessage() throws Exception {
        Path start = start("usage");
        setup(start).refused(2, "--check", "--apply");
        setup(start, "--check", "--apply").refused(2, "--check");
        setup(start, "--check", "--mode", "embedded")
                .refused(2, "embedded (expected: one of [vault-intermediate, vault-leaf])");
        setup(start, "--check", "--credentials", "x").refused(2, "only with --apply");
        setup(start, "--check", "--new-root").refused(2, "only with --apply");
        setup(start, "--apply", "--new-root", "--new-issuer").refused(2, "--new-");
        setup(start, "--check", "--token-file", folder.resolve("none")).refused(1, "cannot be read");
        setup(start, "--check", "--token-file", secret("two", "two words")).refused(1, "not a token");
        Path open = Files.writeString(folder.resolve("open"), "hvs.x");
        setup(start, "--check", "--token-file", open).refused(1, "chmod 600 " + open);
        setup(start, "--check", "--token-file", secret("bad", "hvs.invalid"))
                .refused(1, "set-up token: refused (expected: a valid one");
        setup(folder.resolve("absent.yaml"), "--check").refused(1, "not found");
        Path bad = Files.writeString(folder.resolve("bad.yaml"), "adress: https://v\nauth: {method: magic}\n");
        setup(bad, "--check").refused(3, "address: missing", "adress", "magic (expected: approle");
        sallyport("vault", "setup", "--print-policy", "--config", start, "--trust-domain", "a_b.example")
                .refused(2, "no underscore");
    }

    @Test
    void aVaultThatIsNotThereIsOneLine() throws Exception {
        Path gone = Files.writeString(folder.resolve("gone.yaml"), """
                address: https://127.0.0.1:1
                auth: {method: approle, role: sallyport, roleIdFile: r, secretIdFile: s}
                """);
        assertThat(setup(gone, "--check", "--token-file", token)
                        .refused(1, "no connection")
                        .err()
                        .lines())
                .hasSize(1);
    }
}
