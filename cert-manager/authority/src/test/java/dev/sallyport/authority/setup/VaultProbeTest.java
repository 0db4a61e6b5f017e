package dev.sallyport.authority.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.setup.SetupLine.Outcome;
import dev.sallyport.authority.vault.SharedBao;
import dev.sallyport.authority.vault.SideBySide;
import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.demo.bao.BaoServer;
import dev.sallyport.identity.Pem;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VaultProbeTest {
    private static final Duration DAY = Duration.ofHours(24);

    private static SetUp mesh;
    private static Vault controlPlane;
    private static String role;
    private static String root;

    @BeforeAll
    static void start() throws Exception {
        mesh = new SetUp(SharedBao.server());
        mesh.apply(SetUp.BOTH);
        controlPlane = mesh.controlPlane();
        role = mesh.settings.mount() + "/roles/mesh-leaf";
        root = mesh.settings.rootMount() + "/issuer/"
                + mesh.settings.rootIssuer().orElseThrow();
    }

    @AfterAll
    static void stop() {
        mesh.close();
    }

    private static List<SetupLine> probe(AuthorityKind kind, VaultSettings settings, Vault vault) throws Exception {
        return new VaultProbe(kind, settings, mesh.trustDomain, DAY, Clock.systemUTC())
                .run(vault, mesh.gateway.asNobody());
    }

    private static List<String> leaf() throws Exception {
        return probe(AuthorityKind.VAULT_LEAF, mesh.settings, controlPlane).stream()
                .map(SetupLine::toString)
                .toList();
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void afterTheSetUpNothingIsWrongOrDoubtful(AuthorityKind kind) throws Exception {
        assertThat(probe(kind, mesh.settings, controlPlane)).isEmpty();
    }

    static Stream<AuthorityKind> kinds() {
        return Stream.of(AuthorityKind.VAULT_LEAF, AuthorityKind.VAULT_INTERMEDIATE);
    }

    static Stream<Arguments> misSetRoles() {
        return Stream.of(
                Arguments.of("allow_ip_sans", true, "allow_ip_sans is true (expected: false)"),
                Arguments.of("allow_localhost", true, "allow_localhost is true (expected: false)"),
                Arguments.of("allow_any_name", true, "allow_any_name is true (expected: false)"),
                Arguments.of("use_csr_sans", true, "use_csr_sans is true"),
                Arguments.of("use_csr_common_name", true, "use_csr_common_name is true (expected: false)"),
                Arguments.of("require_cn", true, "require_cn is true (expected: false)"),
                Arguments.of("key_type", "any", "key_type is any (expected: ec)"),
                Arguments.of("key_type", "rsa", "key_type is another (expected: ec)"),
                Arguments.of("key_bits", 384, "key_bits is another (expected: 256)"),
                Arguments.of("allowed_uri_sans", List.of("*"), "allowed_uri_sans allows spiffe://probe.invalid/"),
                Arguments.of(
                        "allowed_uri_sans",
                        List.of("spiffe://other.example/*"),
                        "allowed_uri_sans is another (expected: [spiffe://shop"),
                Arguments.of("no_store", false, "no_store is false (expected: true)"),
                Arguments.of("not_before_duration", "1s", "not_before_duration is about"),
                Arguments.of("max_ttl", "1h", "max_ttl is too short, PT24H became PT1H"),
                Arguments.of("key_usage", List.of("KeyAgreement"), "key_usage is another"),
                Arguments.of("client_flag", false, "client_flag is false (expected: true)"),
                Arguments.of("server_flag", false, "server_flag is false (expected: true)"),
                Arguments.of("code_signing_flag", true, "code_signing_flag, email_protection_flag or ext_key_usage"),
                Arguments.of(
                        "basic_constraints_valid_for_non_ca",
                        false,
                        "basic_constraints_valid_for_non_ca is false (expected: true)"),
                Arguments.of(
                        "organization",
                        List.of("Acme"),
                        "organization or another part of the subject is O=Acme (expected: none)"),
                Arguments.of("policy_identifiers", List.of("1.2.3"), "policy_identifiers are set (expected: [])"));
    }

    @ParameterizedTest
    @MethodSource("misSetRoles")
    void aMisSetRoleIsASentenceThatSaysWhatToRun(String key, Object value, String says) throws Exception {
        Map<String, Object> before = mesh.vault.read(role).data();
        Map<String, Object> fields = new LinkedHashMap<>(before);
        fields.put(key, value);
        if (key.equals("key_type")) {
            fields.put("key_bits", value.equals("rsa") ? 2048 : 0);
        }
        if (key.equals("max_ttl")) {
            fields.put("ttl", value);
        }
        mesh.vault.write(role, fields);
        try {
            assertThat(leaf())
                    .anySatisfy(line -> assertThat(line)
                            .startsWith("× " + role + ": " + says)
                            .endsWith("; run: sallyport vault setup --apply"))
                    .hasSizeLessThanOrEqualTo(2);
        } finally {
            mesh.vault.write(role, before);
        }
        assertThat(leaf()).isEmpty();
    }

    @Test
    void aRoleThatIsNotThereIsNamed() throws Exception {
        Map<String, Object> before = mesh.vault.read(role).data();
        mesh.vault.delete(role);
        assertThat(leaf()).singleElement().asString().startsWith("× " + role + ": missing");
        mesh.vault.write(role, before);
    }

    @Test
    void anIssuerThatMayNotSignOrIsNotThereIsNamed() throws Exception {
        String path =
                mesh.settings.mount() + "/issuer/" + mesh.settings.issuer().orElseThrow();
        VaultIssuer issuer = VaultIssuer.find(
                        mesh.vault,
                        mesh.settings.mount(),
                        mesh.settings.issuer().orElseThrow())
                .orElseThrow();
        Map<String, Object> fields = issuer.writable();
        fields.put("usage", "read-only");
        mesh.vault.write(path, fields);
        assertThat(leaf()).singleElement().asString().contains("requested usage issuing-certificates");
        mesh.vault.write(path, issuer.writable());
        assertThat(probe(
                        AuthorityKind.VAULT_LEAF,
                        mesh.withIssuer(Optional.of("11111111-2222-3333-4444-555555555555")),
                        controlPlane))
                .singleElement()
                .asString()
                .contains("unable to find PKI issuer");
        assertThat(probe(AuthorityKind.VAULT_LEAF, mesh.withIssuer(Optional.empty()), controlPlane))
                .singleElement()
                .asString()
                .contains("issuer: missing in the settings");
    }

    @Test
    void templatesOfAddressesThatLeadNowhereAreNamed() throws Exception {
        try (SetUp other = new SetUp(SharedBao.server())) {
            String mount = other.settings.mount();
            mesh.vault.write("sys/mounts/" + mount, Map.of("type", "pki"));
            String id = mesh.vault
                    .write(
                            mount + "/root/generate/internal",
                            Map.of("common_name", "x", "key_type", "ec", "uri_sans", mesh.trustDomain.uri()))
                    .text("issuer_id")
                    .orElseThrow();
            mesh.vault.write(mount + "/roles/mesh-leaf", mesh.vault.read(role).data());
            mesh.vault.write(
                    mount + "/config/urls",
                    Map.of("enable_templating", true, "issuing_certificates", List.of("{{cluster_aia_path}}/x")));
            other.settings = other.withIssuer(Optional.of(id));
            assertThat(probe(AuthorityKind.VAULT_LEAF, other.settings, mesh.vault))
                    .anySatisfy(line ->
                            assertThat(line.toString()).startsWith("×").contains("unable to template AIA URLs"));
        }
    }

    @Test
    void aMountThatCutsIntermediatesIsNamed() throws Exception {
        String path = "sys/mounts/" + mesh.settings.rootMount() + "/tune";
        mesh.vault.write(path, Map.of("default_lease_ttl", "24h", "max_lease_ttl", "24h"));
        try {
            assertThat(probe(AuthorityKind.VAULT_INTERMEDIATE, mesh.settings, controlPlane))
                    .singleElement()
                    .asString()
                    .contains(root + ": intermediateLife: PT336H became PT24H");
        } finally {
            mesh.vault.write(path, Map.of("default_lease_ttl", "87600h", "max_lease_ttl", "87600h"));
        }
    }

    @Test
    void aTokenThatMayMoreIsAWarningAndOneThatMaySignVerbatimIsRefused() throws Exception {
        String needed = VaultSetup.policy(mesh.settings, mesh.trustDomain, SetUp.BOTH);
        Vault curious = mesh.tokenOf(needed + "path \"" + role + "\" { capabilities = [\"read\"] }");
        assertThat(probe(AuthorityKind.VAULT_LEAF, mesh.settings, curious))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.outcome()).isEqualTo(Outcome.DOUBTFUL);
                    assertThat(line.what()).isEqualTo("may [read] " + role + " (expected: not at all)");
                });
        Vault unbound = mesh.tokenOf(
                needed + "path \"" + mesh.settings.mount() + "/sign-verbatim/*\" { capabilities = [\"update\"] }");
        assertThat(probe(AuthorityKind.VAULT_LEAF, mesh.settings, unbound))
                .singleElement()
                .satisfies(line -> {
                    assertThat(line.isWrong()).isTrue();
                    assertThat(line.what())
                            .contains("may [update] " + mesh.settings.mount() + "/sign-verbatim/mesh-leaf");
                });
    }

    @Test
    void aPolicyThatNamesTheIssuersInsteadOfAnyIsAsGood() throws Exception {
        String named = VaultSetup.policy(mesh.settings, mesh.trustDomain, SetUp.BOTH)
                .replace(
                        mesh.settings.mount() + "/issuer/+",
                        mesh.settings.mount() + "/issuer/"
                                + mesh.settings.issuer().orElseThrow())
                .replace(mesh.settings.rootMount() + "/issuer/+", root);
        assertThat(named).doesNotContain("+");
        Vault token = mesh.tokenOf(named);
        for (AuthorityKind kind : kinds().toList()) {
            assertThat(probe(kind, mesh.settings, token)).isEmpty();
        }
    }

    @Test
    void aTokenThatMayNotSignIsToldSo() throws Exception {
        Vault token = mesh.tokenOf(VaultSetup.policy(mesh.settings, mesh.trustDomain, SetUp.INTERMEDIATE));
        assertThat(probe(AuthorityKind.VAULT_LEAF, mesh.settings, token))
                .anySatisfy(line -> assertThat(line.what())
                        .contains("/sign/mesh-leaf: no right to update", "run: sallyport vault setup --apply"));
        assertThat(probe(AuthorityKind.VAULT_LEAF, mesh.settings, mesh.gateway.as("hvs.invalid")))
                .singleElement()
                .satisfies(line -> assertThat(line.isWrong()).isTrue());
    }

    @Test
    void anotherIssuersSignatureIsSeen() throws Exception {
        // The chain is fetched by the id of the settings: an answer that another key has signed does not fit it.
        try (SetUp other = new SetUp(SharedBao.server())) {
            other.apply(SetUp.LEAF);
            var issuer = PublishedIssuer.read(
                            mesh.gateway.asNobody(),
                            other.settings.mount() + "/issuer/"
                                    + other.settings.issuer().orElseThrow(),
                            new ArrayList<>())
                    .orElseThrow();
            var signed = mesh.vault.write(
                    mesh.settings.mount() + "/issuer/" + mesh.settings.issuer().orElseThrow() + "/sign/mesh-leaf",
                    mesh.leaf("/sa/x"));
            List<SetupLine> lines = new ArrayList<>();
            var certificate =
                    Pem.certificates(signed.text("certificate").orElseThrow()).getFirst();
            new LeafJudgement(certificate, role, lines)
                    .chains(signed.texts("ca_chain"), issuer, mesh.trustDomain, Clock.systemUTC());
            assertThat(lines).singleElement().asString().contains("signed by CN=intermediate");
        }
    }

    @Test
    void aClockThatIsWrongIsAWarning() throws Exception {
        Clock late = Clock.offset(Clock.systemUTC(), Duration.ofMinutes(5));
        List<SetupLine> lines = new VaultProbe(AuthorityKind.VAULT_LEAF, mesh.settings, mesh.trustDomain, DAY, late)
                .run(controlPlane, mesh.gateway.asNobody());
        assertThat(lines).singleElement().satisfies(line -> {
            assertThat(line.outcome()).isEqualTo(Outcome.DOUBTFUL);
            assertThat(line.what())
                    .startsWith("clocks: it is " + Instant.now().toString().substring(0, 10));
        });
    }

    @Test
    @SideBySide
    void sealedThereIsNothingToJudge(@TempDir Path folder) throws Exception {
        try (BaoServer bao = BaoServer.start(folder.resolve("bao"));
                SetUp own = new SetUp(bao)) {
            own.apply(SetUp.BOTH);
            Vault token = own.controlPlane();
            bao.seal();
            for (AuthorityKind kind : kinds().toList()) {
                VaultProbe probe = new VaultProbe(kind, own.settings, own.trustDomain, DAY, Clock.systemUTC());
                assertThatThrownBy(() -> probe.run(token, own.gateway.asNobody()))
                        .isInstanceOfSatisfying(
                                VaultException.class, e -> assertThat(e.kind()).isEqualTo(VaultException.Kind.SEALED));
            }
        }
    }
}
