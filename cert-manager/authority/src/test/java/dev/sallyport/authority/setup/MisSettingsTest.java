package dev.sallyport.authority.setup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.authority.vault.SharedBao;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** One property after the other is set by hand as it should not be: the check names it and nothing else, and the set-up mends it. */
class MisSettingsTest {
    private static final String ROLE = "MESH/roles/mesh-leaf";
    private static final String ISSUER = "MESH/issuer/ID";

    private static SetUp mesh;

    @BeforeAll
    static void start() throws Exception {
        mesh = new SetUp(SharedBao.server());
        mesh.apply(SetUp.BOTH);
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    static Stream<Arguments> misSettings() {
        return Stream.of(
                Arguments.of(ROLE, "allow_ip_sans", true, "true (expected: false)"),
                Arguments.of(ROLE, "allow_localhost", true, "true (expected: false)"),
                Arguments.of(ROLE, "allow_any_name", true, "true (expected: false)"),
                Arguments.of(ROLE, "use_csr_sans", true, "true (expected: false)"),
                Arguments.of(ROLE, "use_csr_common_name", true, "true (expected: false)"),
                Arguments.of(ROLE, "require_cn", true, "true (expected: false)"),
                Arguments.of(ROLE, "key_type", "any", "any (expected: ec)"),
                Arguments.of(ROLE, "allowed_uri_sans", List.of("*"), "[*] (expected: [spiffe://TD/*])"),
                Arguments.of(ROLE, "no_store", false, "false (expected: true)"),
                Arguments.of(ROLE, "not_before_duration", "30s", "30s (expected: 360s)"),
                Arguments.of(ROLE, "max_ttl", "24h", "24h (expected: 168h)"),
                Arguments.of(ROLE, "client_flag", false, "false (expected: true)"),
                Arguments.of(ROLE, "basic_constraints_valid_for_non_ca", false, "false (expected: true)"),
                Arguments.of(
                        ROLE,
                        "key_usage",
                        List.of("DigitalSignature", "CertSign"),
                        "[CertSign, DigitalSignature] (expected: [DigitalSignature])"),
                Arguments.of(ROLE, "organization", List.of("Acme"), "[Acme] (expected: [])"),
                Arguments.of(ROLE, "issuer_ref", "default", "default (expected: ID)"),
                Arguments.of(ISSUER, "leaf_not_after_behavior", "err", "err (expected: truncate)"),
                Arguments.of(
                        ISSUER,
                        "usage",
                        "read-only",
                        "[read-only] (expected: [crl-signing, issuing-certificates, ocsp-signing, read-only])"),
                Arguments.of("MESH/config/issuers", "default_follows_latest_issuer", true, "true (expected: false)"),
                Arguments.of(
                        "MESH/config/urls", "ocsp_servers", List.of("http://ocsp"), "[http://ocsp] (expected: [])"),
                Arguments.of("MESH/config/acme", "enabled", true, "true (expected: false)"),
                Arguments.of("ROOT/config/crl", "disable", true, "true (expected: false)"),
                Arguments.of("ROOT/config/auto-tidy", "enabled", false, "false (expected: true)"),
                Arguments.of("auth/APPROLE/role/control-plane", "secret_id_num_uses", 3, "3 (expected: 0)"),
                Arguments.of(
                        "auth/APPROLE/role/control-plane",
                        "token_policies",
                        List.of("root"),
                        "[root] (expected: [sallyport-TD])"));
    }

    @ParameterizedTest
    @MethodSource("misSettings")
    void isNamedAndMended(String where, String key, Object value, String says) throws Exception {
        String path = named(where);
        Map<String, Object> fields = new LinkedHashMap<>(mesh.vault.read(path).data());
        fields.values().removeIf(was -> was.equals("")); // which some endpoints show and refuse
        fields.remove("local_secret_ids");
        fields.put(key, value);
        mesh.vault.write(path, fields);

        List<SetupLine> lines = mesh.check(SetUp.BOTH);

        assertThat(SetUp.wrong(lines)).containsExactly(path + ": " + key + ": " + named(says));
        assertThat(mesh.apply(SetUp.BOTH).stream()
                        .filter(line -> line.outcome() == SetupLine.Outcome.DONE)
                        .map(SetupLine::where))
                .containsExactly(path);
        assertThat(SetUp.wrong(mesh.check(SetUp.BOTH))).isEmpty();
    }

    @ParameterizedTest
    @MethodSource("dev.sallyport.authority.setup.MisSettingsTest#mounts")
    void aMountThatCutsLivesIsNamedAndMended(String where, String longest) throws Exception {
        String path = named(where);
        mesh.vault.write(path + "/tune", Map.of("default_lease_ttl", "1h", "max_lease_ttl", "768h"));
        assertThat(SetUp.wrong(mesh.check(SetUp.BOTH)))
                .containsExactly(
                        path + ": default_lease_ttl: 1h (expected: >= " + longest + ")",
                        path + ": max_lease_ttl: 768h (expected: >= " + longest + ")");
        mesh.apply(SetUp.BOTH);
        assertThat(SetUp.wrong(mesh.check(SetUp.BOTH))).isEmpty();
    }

    static Stream<Arguments> mounts() {
        return Stream.of(Arguments.of("sys/mounts/ROOT", "87600h"), Arguments.of("sys/mounts/MESH", "8760h"));
    }

    @org.junit.jupiter.api.Test
    void aWiderPolicyIsNamedAndNarrowed() throws Exception {
        String path = "sys/policies/acl/sallyport-" + mesh.trustDomain.name();
        mesh.vault.write(path, Map.of("policy", "path \"*\" { capabilities = [\"read\"] }"));
        assertThat(SetUp.wrong(mesh.check(SetUp.BOTH)))
                .singleElement()
                .asString()
                .startsWith(path + ": policy: other rights");
        mesh.apply(SetUp.BOTH);
        assertThat(SetUp.wrong(mesh.check(SetUp.BOTH))).isEmpty();
    }

    private static String named(String text) {
        return text.replace("MESH", mesh.settings.mount())
                .replace("ROOT", mesh.settings.rootMount())
                .replace("APPROLE", mesh.settings.mount().replace("pki_mesh", "approle"))
                .replace("TD", mesh.trustDomain.name())
                .replace("ID", mesh.settings.issuer().orElseThrow());
    }
}
