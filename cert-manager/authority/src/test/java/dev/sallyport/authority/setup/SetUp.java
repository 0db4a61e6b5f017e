package dev.sallyport.authority.setup;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.setup.VaultSetup.Another;
import dev.sallyport.authority.vault.Vault;
import dev.sallyport.authority.vault.VaultAuth;
import dev.sallyport.authority.vault.VaultGateway;
import dev.sallyport.authority.vault.VaultSettings;
import dev.sallyport.demo.bao.BaoServer;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.TrustDomain;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Mounts, role and trust domain of one test on a server that several share. */
final class SetUp implements AutoCloseable {
    static final Set<AuthorityKind> BOTH = EnumSet.of(AuthorityKind.VAULT_LEAF, AuthorityKind.VAULT_INTERMEDIATE);
    static final Set<AuthorityKind> LEAF = EnumSet.of(AuthorityKind.VAULT_LEAF);
    static final Set<AuthorityKind> INTERMEDIATE = EnumSet.of(AuthorityKind.VAULT_INTERMEDIATE);

    private static final AtomicInteger COUNT = new AtomicInteger();

    final BaoServer bao;
    final TrustDomain trustDomain;
    final VaultGateway gateway;
    final Vault vault;
    VaultSettings settings;

    SetUp(BaoServer bao) throws Exception {
        this.bao = bao;
        int number = COUNT.incrementAndGet();
        this.trustDomain = new TrustDomain("shop" + number + ".example");
        this.settings = new VaultSettings(
                URI.create(bao.address()),
                Optional.of(bao.caFile()),
                Optional.empty(),
                "pki_mesh" + number,
                "pki_root" + number,
                "mesh-leaf",
                Optional.empty(),
                Optional.empty(),
                Duration.ofDays(14),
                new VaultAuth.AppRole(
                        "approle" + number, "control-plane", Path.of("role_id"), Path.of("secret_id"), false));
        this.gateway = VaultGateway.open(settings);
        this.vault = gateway.as(bao.rootToken());
    }

    VaultSetup setup(Set<AuthorityKind> modes) throws Exception {
        return setup(modes, Another.NONE);
    }

    private VaultSetup setup(Set<AuthorityKind> modes, Another another) throws Exception {
        return VaultSetup.of(settings, trustDomain, modes, another, Clock.systemUTC());
    }

    List<SetupLine> check(Set<AuthorityKind> modes) throws Exception {
        return setup(modes).check(vault);
    }

    /** What it did, and the settings with the issuers that there are now. */
    List<SetupLine> apply(Set<AuthorityKind> modes) throws Exception {
        return apply(modes, Another.NONE);
    }

    List<SetupLine> apply(Set<AuthorityKind> modes, Another another) throws Exception {
        VaultSetup setup = setup(modes, another);
        List<SetupLine> lines = new ArrayList<>();
        setup.apply(vault, true, lines::add);
        settings = setup.found();
        return lines;
    }

    /** The sentences of what is wrong. */
    static List<String> wrong(List<SetupLine> lines) {
        return lines.stream()
                .filter(SetupLine::isWrong)
                .map(SetupLine::sentence)
                .toList();
    }

    /** A token with {@code policy} and nothing else. */
    Vault tokenOf(String policy) throws Exception {
        String name = "test" + COUNT.incrementAndGet();
        vault.write("sys/policies/acl/" + name, Map.of("policy", policy));
        return gateway.as(String.valueOf(
                vault.write("auth/token/create", Map.of("policies", List.of(name), "no_default_policy", true))
                        .auth()
                        .get("client_token")));
    }

    /** As the control plane logs in. */
    Vault controlPlane() throws Exception {
        VaultSetup.Credentials credentials = setup(BOTH).credentials(vault).orElseThrow();
        String mount = settings.auth() instanceof VaultAuth.AppRole appRole ? appRole.mount() : "";
        return gateway.as(String.valueOf(gateway.asNobody()
                .write(
                        "auth/" + mount + "/login",
                        Map.of("role_id", credentials.roleId(), "secret_id", credentials.secretId()))
                .auth()
                .get("client_token")));
    }

    VaultSettings withIssuer(Optional<String> issuer) {
        return settings.withIssuers(issuer, settings.rootIssuer());
    }

    VaultSettings withAuth(VaultAuth auth) {
        return settings.withAuth(auth);
    }

    /** What a leaf of the identity with {@code path} is asked for with. */
    Map<String, Object> leaf(String path) {
        return Map.of(
                "csr",
                CertificateSigningRequest.pem(CertificateSigningRequest.newKeyPair()),
                "uri_sans",
                trustDomain.uri() + path,
                "ttl",
                "1h");
    }

    @Override
    public void close() {
        gateway.close();
    }
}
