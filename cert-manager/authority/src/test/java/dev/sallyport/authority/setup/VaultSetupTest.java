package dev.sallyport.authority.setup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authority.setup.SetupLine.Outcome;
import dev.sallyport.authority.setup.VaultSetup.Another;
import dev.sallyport.authority.vault.SharedBao;
import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultException;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.identity.Pem;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class VaultSetupTest {
    private SetUp mesh;

    @BeforeEach
    void open() throws Exception {
        mesh = new SetUp(SharedBao.server());
    }

    @AfterEach
    void close() {
        mesh.close();
    }

    @Test
    void aFreshVaultHasNothingAndAfterACheckStillNothing() throws Exception {
        List<SetupLine> lines = mesh.check(SetUp.BOTH);
        assertThat(SetUp.wrong(lines))
                .contains(
                        "sys/mounts/" + mesh.settings.rootMount() + ": missing",
                        mesh.settings.mount() + "/roles/mesh-leaf: missing",
                        "auth/" + mesh.settings.mount().replace("pki_mesh", "approle") + "/role/control-plane: missing")
                .hasSizeGreaterThan(12);
        assertThat(mesh.check(SetUp.BOTH)).isEqualTo(lines);
        assertThat(mesh.bao.request("GET", "sys/mounts", "").body()).doesNotContain(mesh.settings.mount());
    }

    @Test
    void whatWasAppliedHoldsAndASecondTimeNothingIsWritten() throws Exception {
        assertThat(mesh.apply(SetUp.BOTH)).extracting(SetupLine::outcome).contains(Outcome.DONE);
        List<SetupLine> lines = mesh.check(SetUp.BOTH);
        assertThat(lines).extracting(SetupLine::outcome).containsOnly(Outcome.HOLDS);
        var before = mesh.settings;
        assertThat(mesh.apply(SetUp.BOTH)).extracting(SetupLine::outcome).containsOnly(Outcome.KEPT);
        assertThat(mesh.settings).isEqualTo(before);
        assertThat(before.issuer()).isPresent();
        assertThat(before.rootIssuer()).isPresent();
        // With the ids in the settings, as without them.
        assertThat(mesh.check(SetUp.BOTH)).isEqualTo(lines);
    }

    @Test
    void rootAndIntermediateAreBoundToTheTrustDomainAndTheRootStaysAlone() throws Exception {
        mesh.apply(SetUp.BOTH);
        List<X509Certificate> chain = VaultIssuer.find(
                        mesh.vault,
                        mesh.settings.mount(),
                        mesh.settings.issuer().orElseThrow())
                .orElseThrow()
                .chain();
        assertThat(chain).hasSize(2);
        for (X509Certificate authority : chain) {
            var profile = new CaProfile(authority, mesh.trustDomain);
            assertThat(profile.isOurs()).isTrue();
            assertThat(profile.isBound()).isTrue();
            assertThat(authority.getSerialNumber().bitLength()).isGreaterThan(64);
        }
        assertThat(chain.getFirst().getBasicConstraints()).isZero();
        assertThat(new CaProfile(chain.getLast(), mesh.trustDomain).isSignedBy(chain.getLast()))
                .isTrue();
        assertThat(new CaProfile(chain.getFirst(), mesh.trustDomain).isSignedBy(chain.getLast()))
                .isTrue();
        assertThat(VaultIssuer.all(mesh.vault, mesh.settings.rootMount())).hasSize(1);
    }

    @Test
    void forIntermediatesNoMountOfLeavesAndNoRightToSignOneIsMade() throws Exception {
        mesh.apply(SetUp.INTERMEDIATE);
        assertThat(SetUp.wrong(mesh.check(SetUp.INTERMEDIATE))).isEmpty();
        assertThat(mesh.bao.request("GET", "sys/mounts", "").body())
                .contains(mesh.settings.rootMount())
                .doesNotContain(mesh.settings.mount());
        assertThat(VaultSetup.policy(mesh.settings, mesh.trustDomain, SetUp.INTERMEDIATE))
                .contains(mesh.settings.rootMount() + "/issuer/+/sign-intermediate")
                .doesNotContain(mesh.settings.mount());
        assertThat(mesh.settings.issuer()).isEmpty();
    }

    @Test
    void theRightsThatAreAskedForAreAllThatIsNeeded() throws Exception {
        Vault token = mesh.tokenOf(mesh.setup(SetUp.BOTH).setupPolicy());
        VaultSetup setup = mesh.setup(SetUp.BOTH);
        setup.apply(token, true, _ -> {});
        assertThat(SetUp.wrong(setup.check(token))).isEmpty();
        assertThat(setup.credentials(token)).isPresent();
    }

    @Test
    void aMissingRightIsNamedBeforeAnythingIsChanged() throws Exception {
        String all = mesh.setup(SetUp.BOTH).setupPolicy();
        String role = mesh.settings.mount() + "/roles/mesh-leaf\" {\n  capabilities = [\"read\"";
        String less = all.replace(role + ", \"update\"]", role + "]").replace("\"sudo\", ", "");
        assertThat(less).isNotEqualTo(all).doesNotContain("sudo");
        Vault token = mesh.tokenOf(less);
        assertThatThrownBy(() -> mesh.setup(SetUp.BOTH).apply(token, true, _ -> {}))
                .isInstanceOfSatisfying(
                        SetupException.class,
                        e -> assertThat(e.sentences())
                                .containsExactlyInAnyOrder(
                                        mesh.settings.mount()
                                                + "/roles/mesh-leaf: no right to update (expected: [update])",
                                        "sys/auth/" + mesh.settings.mount().replace("pki_mesh", "approle")
                                                + ": no right to sudo (expected: [sudo, update])"));
        assertThat(mesh.bao.request("GET", "sys/mounts", "").body()).doesNotContain(mesh.settings.rootMount());
    }

    @Test
    void aTokenThatMayOnlyLookChecksAndASuspiciousOneDoesNot() throws Exception {
        mesh.apply(SetUp.BOTH);
        Vault reader = mesh.tokenOf("""
                path "*" { capabilities = ["read", "list"] }
                path "sys/capabilities-self" { capabilities = ["update"] }
                """);
        assertThat(SetUp.wrong(mesh.setup(SetUp.BOTH).check(reader))).isEmpty();
        assertThatThrownBy(() -> mesh.setup(SetUp.BOTH).check(mesh.gateway.as("hvs.invalid")))
                .isInstanceOf(SetupException.class)
                .hasMessageStartingWith("set-up token: refused");
        assertThatThrownBy(() -> mesh.setup(SetUp.BOTH).check(mesh.controlPlane()))
                .isInstanceOf(SetupException.class)
                .hasMessageContaining("rights are missing");
    }

    @Test
    void aRootOfSomebodyElseIsRefusedAndLeftAlone() throws Exception {
        String mount = mesh.settings.rootMount();
        mesh.vault.write("sys/mounts/" + mount, Map.of("type", "pki"));
        mesh.vault.write(mount + "/root/generate/internal", Map.of("common_name", "Acme", "key_type", "ec"));
        assertThatThrownBy(() -> mesh.apply(SetUp.BOTH))
                .isInstanceOfSatisfying(
                        SetupException.class,
                        e -> assertThat(e.sentences())
                                .singleElement()
                                .asString()
                                .startsWith(mount + "/issuer/*: holds CN=Acme (expected: a root of "
                                        + mesh.trustDomain.uri()));
        assertThat(mesh.bao.request("GET", "sys/mounts", "").body()).doesNotContain(mesh.settings.mount());
        // The mount was not even tuned.
        assertThat(mesh.vault.read("sys/mounts/" + mount + "/tune").number("max_lease_ttl"))
                .contains(2_764_800L);
    }

    @Test
    void mountsOfOtherEnginesAndIssuersOfOthersAreNotOursToChange() throws Exception {
        mesh.vault.write("sys/mounts/" + mesh.settings.rootMount(), Map.of("type", "transit"));
        mesh.vault.write("sys/mounts/" + mesh.settings.mount(), Map.of("type", "pki"));
        mesh.vault.write(
                mesh.settings.mount() + "/root/generate/internal", Map.of("common_name", "Acme", "key_type", "ec"));
        assertThatThrownBy(() -> mesh.apply(SetUp.BOTH))
                .isInstanceOfSatisfying(
                        SetupException.class,
                        e -> assertThat(String.join("\n", e.sentences()))
                                .contains("type: transit (expected: pki; name another mount)")
                                .contains("the default is CN=Acme (expected: one of " + mesh.trustDomain.uri()));
    }

    @Test
    void anIssuerOfTheSettingsThatIsNotThereIsNotReplaced() throws Exception {
        mesh.apply(SetUp.BOTH);
        String other = "11111111-2222-3333-4444-555555555555";
        mesh.settings = mesh.withIssuer(Optional.of(other));
        assertThatThrownBy(() -> mesh.apply(SetUp.BOTH))
                .isInstanceOfSatisfying(
                        SetupException.class,
                        e -> assertThat(e.sentences())
                                .singleElement()
                                .asString()
                                .contains(other + ": missing (expected: as issuer says"));
    }

    @Test
    void aSetUpThatWasInterruptedAfterTheFirstRootGoesOnWithIt() throws Exception {
        String mount = mesh.settings.rootMount();
        mesh.vault.write("sys/mounts/" + mount, Map.of("type", "pki", "config", Map.of("max_lease_ttl", "87600h")));
        String made = mesh.vault
                .write(
                        mount + "/root/generate/internal",
                        Map.of(
                                "common_name",
                                "root x",
                                "issuer_name",
                                "sallyport-unbound",
                                "key_type",
                                "ec",
                                "uri_sans",
                                mesh.trustDomain.uri(),
                                "exclude_cn_from_sans",
                                true,
                                "ttl",
                                "87600h"))
                .text("certificate")
                .orElseThrow();
        mesh.apply(SetUp.BOTH);
        VaultIssuer root = VaultIssuer.find(
                        mesh.vault, mount, mesh.settings.rootIssuer().orElseThrow())
                .orElseThrow();
        assertThat(root.certificate().getPublicKey())
                .isEqualTo(Pem.certificates(made).getFirst().getPublicKey());
        assertThat(VaultIssuer.all(mesh.vault, mount)).hasSize(1);
    }

    @Test
    void anotherIssuerIsMadeBesideTheOneThatGoesOnSigning() throws Exception {
        mesh.apply(SetUp.BOTH);
        VaultSettings before = mesh.settings;
        mesh.apply(SetUp.BOTH, Another.ISSUER);
        assertThat(mesh.settings.issuer()).isNotEqualTo(before.issuer());
        assertThat(mesh.settings.rootIssuer()).isEqualTo(before.rootIssuer());
        assertThat(SetUp.wrong(mesh.check(SetUp.BOTH))).isEmpty();
        for (VaultSettings settings : List.of(before, mesh.settings)) {
            String path = settings.mount() + "/issuer/" + settings.issuer().orElseThrow() + "/sign/mesh-leaf";
            assertThat(mesh.vault
                            .write(path, mesh.leaf("/sa/orders"))
                            .texts("ca_chain")
                            .getFirst()
                            .strip())
                    .isEqualTo(Pem.encode(List.of(VaultIssuer.find(
                                            mesh.vault,
                                            settings.mount(),
                                            settings.issuer().orElseThrow())
                                    .orElseThrow()
                                    .certificate()))
                            .strip());
        }
    }

    @Test
    void anotherRootComesWithAnotherIssuerBelowIt() throws Exception {
        mesh.apply(SetUp.BOTH);
        VaultSettings before = mesh.settings;
        mesh.apply(SetUp.BOTH, Another.ROOT);
        assertThat(mesh.settings.rootIssuer()).isNotEqualTo(before.rootIssuer());
        assertThat(mesh.settings.issuer()).isNotEqualTo(before.issuer());
        assertThat(SetUp.wrong(mesh.check(SetUp.BOTH))).isEmpty();
        assertThat(VaultIssuer.all(mesh.vault, mesh.settings.rootMount())).hasSize(2);
        VaultIssuer issuer = VaultIssuer.find(
                        mesh.vault,
                        mesh.settings.mount(),
                        mesh.settings.issuer().orElseThrow())
                .orElseThrow();
        assertThat(issuer.chain()).hasSize(2);
        mesh.apply(SetUp.INTERMEDIATE, Another.ROOT);
        assertThat(VaultIssuer.all(mesh.vault, mesh.settings.rootMount())).hasSize(3);
    }

    @Test
    void aRootOutsideOfThisVaultIsNotMissed() throws Exception {
        mesh.apply(SetUp.LEAF);
        mesh.vault.delete("sys/mounts/" + mesh.settings.rootMount());
        assertThat(SetUp.wrong(mesh.check(SetUp.LEAF))).isEmpty();
        mesh.settings = mesh.withIssuer(Optional.empty());
        assertThat(SetUp.wrong(mesh.check(SetUp.LEAF)))
                .contains("sys/mounts/" + mesh.settings.rootMount() + ": missing");
    }

    @Test
    void theControlPlanesTokenSignsAndDoesNothingElse() throws Exception {
        mesh.apply(SetUp.BOTH);
        Vault token = mesh.controlPlane();
        String leaves = mesh.settings.mount();
        String issuer = leaves + "/issuer/" + mesh.settings.issuer().orElseThrow();
        Map<String, Object> leaf = mesh.leaf("/sa/orders");
        assertThat(token.write(issuer + "/sign/mesh-leaf", leaf).text("certificate"))
                .isPresent();
        token.read("auth/token/lookup-self");
        for (String path : List.of(
                leaves + "/sign-verbatim",
                leaves + "/sign-verbatim/mesh-leaf",
                issuer + "/sign-verbatim",
                leaves + "/issue/mesh-leaf",
                issuer + "/issue/mesh-leaf",
                leaves + "/sign/mesh-leaf",
                issuer + "/sign/other",
                leaves + "/roles/mesh-leaf",
                leaves + "/config/issuers",
                issuer,
                mesh.settings.rootMount() + "/root/sign-self-issued",
                mesh.settings.rootMount() + "/issuer/"
                        + mesh.settings.rootIssuer().orElseThrow() + "/sign-self-issued",
                "sys/mounts/more",
                "sys/policies/acl/sallyport-" + mesh.trustDomain.name(),
                "auth/token/create")) {
            forbidden(path, () -> token.write(path, leaf));
        }
        for (String path : List.of(leaves + "/roles/mesh-leaf", "sys/mounts", "sys/policies/acl", issuer)) {
            forbidden(path, () -> token.read(path));
        }
    }

    private static void forbidden(String path, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .as(path)
                .isInstanceOfSatisfying(
                        VaultException.class, e -> assertThat(e.kind()).isEqualTo(VaultException.Kind.FORBIDDEN));
    }
}
