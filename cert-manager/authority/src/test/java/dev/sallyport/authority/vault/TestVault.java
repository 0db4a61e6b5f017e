package dev.sallyport.authority.vault;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.setup.VaultSetup;
import dev.sallyport.demo.bao.BaoServer;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.TrustDomain;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** A real server on which {@code sallyport vault setup} was run, and who may log in there by which method. */
public final class TestVault implements AutoCloseable {
    public static final TrustDomain TRUST_DOMAIN = new TrustDomain("shop.example");
    public static final String AUDIENCE = "vault.shop.example";

    private static final String POLICY = "sallyport-" + TRUST_DOMAIN;
    private static final Set<AuthorityKind> MODES =
            EnumSet.of(AuthorityKind.VAULT_LEAF, AuthorityKind.VAULT_INTERMEDIATE);
    private static final Path NONE = Path.of("none");

    private static Optional<TestVault> shared = Optional.empty();

    private final BaoServer bao;
    private final Path folder;
    private final KeyPair cluster = CertificateSigningRequest.newKeyPair();
    private final VaultGateway gateway;
    private final Vault root;
    private VaultSettings found;
    private Map<String, Object> role = Map.of();
    private final AtomicInteger files = new AtomicInteger();

    private TestVault(BaoServer bao, Path folder, String namespace) throws Exception {
        this.bao = bao;
        this.folder = folder;
        this.found = new VaultSettings(
                URI.create(bao.address()),
                Optional.of(bao.caFile()),
                Optional.of(namespace).filter(name -> !name.isEmpty()),
                "pki_mesh",
                "pki_root",
                "mesh-leaf",
                Optional.empty(),
                Optional.empty(),
                Duration.ofDays(14),
                new VaultAuth.AppRole("approle", "control-plane", NONE, NONE, false));
        this.gateway = VaultGateway.open(found);
        this.root = gateway.as(bao.rootToken());
    }

    /** On the server that all share, set up once: a test mends what it sets otherwise. Not closed. */
    public static synchronized TestVault shared() throws Exception {
        if (shared.isEmpty()) {
            TestVault vault = new TestVault(SharedBao.server(), Files.createTempDirectory("vault"), "");
            vault.setUp();
            shared = Optional.of(vault);
        }
        return shared.get();
    }

    /** On a server of its own, to be sealed, frozen or stopped. */
    public static TestVault start(Path folder) throws Exception {
        TestVault vault = new TestVault(BaoServer.start(folder.resolve("bao")), folder, "");
        vault.setUp();
        return vault;
    }

    /** The same server's other namespace, with mounts and methods of its own. Not closed. */
    public TestVault inNamespace(String name) throws Exception {
        bao.request("POST", "sys/namespaces/" + name, "{}").ok();
        TestVault other = new TestVault(bao, Files.createDirectories(folder.resolve(name)), name);
        other.setUp();
        return other;
    }

    private void setUp() throws Exception {
        VaultSetup setup = VaultSetup.of(found, TRUST_DOMAIN, MODES, Clock.systemUTC());
        setup.apply(root, false, _ -> {});
        found = setup.found();
        role = root.read("pki_mesh/roles/mesh-leaf").data();
        policy(everything());
        write("sys/auth/jwt", Map.of("type", "jwt"));
        write("sys/auth/cert", Map.of("type", "cert"));
        String key = Pem.encode("PUBLIC KEY", cluster.getPublic().getEncoded());
        write("auth/jwt/config", Map.of("jwt_validation_pubkeys", List.of(key)));
        Map<String, Object> account = new HashMap<>();
        account.put("role_type", "jwt");
        account.put("user_claim", "sub");
        account.put("bound_audiences", List.of(AUDIENCE));
        account.put("bound_subject", "system:serviceaccount:mesh:control-plane");
        account.put("token_policies", List.of(POLICY));
        account.put("token_ttl", "60s");
        write("auth/jwt/role/control-plane", account);
    }

    /** The role as it was set up but for these fields; {@link Map#of()} mends it. */
    public void role(Map<String, ?> other) throws Exception {
        Map<String, Object> fields = new HashMap<>(role);
        fields.putAll(other);
        write("pki_mesh/roles/mesh-leaf", fields);
    }

    /** All that a control plane may do, and to ask how long its secret id lasts. */
    public String everything() {
        return VaultSetup.policy(found, TRUST_DOMAIN, MODES)
                + "path \"auth/approle/role/+/secret-id/lookup\" { capabilities = [\"update\"] }\n";
    }

    public void policy(String text) throws Exception {
        write("sys/policies/acl/" + POLICY, Map.of("policy", text));
    }

    /** AppRole {@code name}, with a fresh secret id in a file. */
    public VaultAuth.AppRole appRole(String name, Map<String, ?> fields) throws Exception {
        Map<String, Object> role = new HashMap<>();
        role.put("token_policies", List.of(POLICY));
        role.put("token_no_default_policy", true);
        role.put("token_ttl", "60s");
        role.putAll(fields);
        String path = "auth/approle/role/" + name;
        write(path, role);
        String roleId = root.read(path + "/role-id").text("role_id").orElseThrow();
        String secretId = write(path + "/secret-id", Map.of()).text("secret_id").orElseThrow();
        return new VaultAuth.AppRole("approle", name, secret(roleId), secret(secretId), false);
    }

    /** The same with its secret id response-wrapped. */
    public VaultAuth.AppRole wrapped(VaultAuth.AppRole role) throws Exception {
        Path file = secret(wrap("auth/approle/role/" + role.role() + "/secret-id"));
        return new VaultAuth.AppRole(role.mount(), role.role(), role.roleIdFile(), file, true);
    }

    /** A wrapping token for what POST {@code path} answers. */
    public String wrap(String path) throws Exception {
        try (HttpClient client =
                HttpClient.newBuilder().sslContext(VaultTls.context(found)).build()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(bao.address() + "/v1/" + path))
                    .header("X-Vault-Token", bao.rootToken())
                    .header("X-Vault-Wrap-TTL", "60")
                    .POST(HttpRequest.BodyPublishers.ofString("{}"));
            found.namespace().ifPresent(name -> request.header("X-Vault-Namespace", name));
            HttpResponse<String> answer = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
            return String.valueOf(
                            new BaoServer.Answer(200, answer.body()).json().get("wrap_info"))
                    .replaceAll("(?s).*\\btoken=([^,}]+).*", "$1");
        }
    }

    public VaultAuth.Jwt jwt(String audience) throws Exception {
        String subject = "system:serviceaccount:mesh:control-plane";
        Instant end = Instant.now().plusSeconds(600);
        return new VaultAuth.Jwt(
                "jwt", "control-plane", secret(Forged.jwt(cluster.getPrivate(), subject, audience, end)));
    }

    /** A certificate of {@code ca}; the server has been told to trust {@code trusted}. */
    public VaultAuth.Certificate certificate(Forged.Certified ca, Forged.Certified trusted) throws Exception {
        Map<String, Object> fields = new HashMap<>();
        fields.put("certificate", Pem.encode(List.of(trusted.certificate())));
        fields.put("token_policies", List.of(POLICY));
        fields.put("token_ttl", "60s");
        write("auth/cert/certs/control-plane", fields);
        Forged.Certified client = Forged.client("control-plane", ca);
        return new VaultAuth.Certificate(
                "cert",
                "control-plane",
                secret(Pem.encode(List.of(client.certificate()))),
                secret(Pem.encode(client.keys().getPrivate())));
    }

    /** A private file of its own. */
    public Path secret(String text) throws Exception {
        Path file = folder.resolve("secret" + files.getAndIncrement());
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, text + "\n");
    }

    /** As {@code sallyport vault setup} wrote them, but for how to log in. */
    public VaultSettings settings(VaultAuth auth) {
        return found.withAuth(auth);
    }

    /** How many tokens live that were got by this AppRole. */
    public int tokens(VaultAuth.AppRole role) throws Exception {
        int count = 0;
        for (String accessor : root.list("auth/token/accessors").texts("keys")) {
            count += role(accessor).equals(Optional.of(role.role())) ? 1 : 0;
        }
        return count;
    }

    private Optional<String> role(String accessor) throws VaultException {
        try {
            Object meta = root.write("auth/token/lookup-accessor", Map.of("accessor", accessor))
                    .data()
                    .get("meta");
            return meta instanceof Map<?, ?> known
                    ? Optional.ofNullable(known.get("role_name")).map(String::valueOf)
                    : Optional.empty();
        } catch (VaultException e) {
            return Optional.empty(); // it has ended meanwhile
        }
    }

    /** A token of the control plane's policy that nobody logged in for. */
    public String token() throws Exception {
        return String.valueOf(write("auth/token/create", Map.of("ttl", "60s", "policies", List.of(POLICY)))
                .auth()
                .get("client_token"));
    }

    public void revokeAccessor(String accessor) throws Exception {
        write("auth/token/revoke-accessor", Map.of("accessor", accessor));
    }

    public String issuer() {
        return found.issuer().orElseThrow();
    }

    public String rootIssuer() {
        return found.rootIssuer().orElseThrow();
    }

    public BaoServer bao() {
        return bao;
    }

    /** As the root token may. */
    public VaultAnswer write(String path, Map<String, ?> fields) throws Exception {
        return root.write(path, fields);
    }

    /** What the root token may do. */
    public Vault root() {
        return root;
    }

    @Override
    public void close() {
        gateway.close();
        bao.close();
    }
}
