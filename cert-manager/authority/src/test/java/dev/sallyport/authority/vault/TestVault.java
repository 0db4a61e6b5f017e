package dev.sallyport.authority.vault;

import dev.sallyport.demo.bao.BaoServer;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A real server with what {@code sallyport vault setup} would have made: two PKI mounts, a role, a policy of least privilege, and who may log in by which method. */
public final class TestVault implements AutoCloseable {
    public static final String TRUST_DOMAIN = "shop.example";
    public static final String AUDIENCE = "vault.shop.example";
    private static final String POLICY = "sallyport";

    private static final Map<String, Object> ROLE = Map.ofEntries(
            Map.entry("allowed_uri_sans", List.of("spiffe://" + TRUST_DOMAIN + "/*")),
            Map.entry("use_csr_sans", false),
            Map.entry("use_csr_common_name", false),
            Map.entry("require_cn", false),
            Map.entry("allow_localhost", false),
            Map.entry("allow_ip_sans", false),
            Map.entry("allow_wildcard_certificates", false),
            Map.entry("key_type", "ec"),
            Map.entry("key_bits", 256),
            Map.entry("key_usage", List.of("DigitalSignature")),
            Map.entry("basic_constraints_valid_for_non_ca", true),
            Map.entry("no_store", true),
            Map.entry("generate_lease", false),
            Map.entry("not_before_duration", "360s"),
            Map.entry("ttl", "24h"),
            Map.entry("max_ttl", "48h"));

    private final BaoServer bao;
    private final VaultGateway gateway;
    private final Vault root;
    private final Path folder;
    private final String namespace;
    private final KeyPair cluster = CertificateSigningRequest.newKeyPair();
    private String rootIssuer = "";
    private String issuer = "";

    private int files;

    private TestVault(BaoServer bao, Path folder, String namespace) throws Exception {
        this.bao = bao;
        this.folder = folder;
        this.namespace = namespace;
        this.gateway = VaultGateway.open(settings(new VaultAuth.TokenFile(folder.resolve("none"))));
        this.root = gateway.as(bao.rootToken());
    }

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
        mounts();
        role(Map.of());
        policy(everything());
        write("sys/auth/approle", Map.of("type", "approle"));
        write("sys/auth/jwt", Map.of("type", "jwt"));
        write("sys/auth/cert", Map.of("type", "cert"));
        write(
                "auth/jwt/config",
                Map.of(
                        "jwt_validation_pubkeys",
                        List.of(Pem.encode("PUBLIC KEY", cluster.getPublic().getEncoded()))));
        write(
                "auth/jwt/role/control-plane",
                Map.of(
                        "role_type", "jwt",
                        "user_claim", "sub",
                        "bound_audiences", List.of(AUDIENCE),
                        "bound_subject", "system:serviceaccount:mesh:control-plane",
                        "token_policies", List.of(POLICY),
                        "token_ttl", "60s"));
    }

    private void mounts() throws Exception {
        write("sys/mounts/pki_root", Map.of("type", "pki", "config", Map.of("max_lease_ttl", "87600h")));
        write("sys/mounts/pki_mesh", Map.of("type", "pki", "config", Map.of("max_lease_ttl", "8760h")));
        rootIssuer = newRoot();
        issuer = newIntermediate();
        write("pki_mesh/issuer/" + issuer, Map.of("leaf_not_after_behavior", "truncate"));
    }

    /** Another root in the same mount; the default moves to nothing by itself. */
    public String newRoot() throws Exception {
        String name = "root " + Instant.now();
        Map<String, Object> root = Map.of(
                "common_name", name, "exclude_cn_from_sans", true, "key_type", "ec", "key_bits", 256, "ttl", "87600h");
        return write("pki_root/root/generate/internal", root).text("issuer_id").orElseThrow();
    }

    /** Another intermediate of the mesh's mount, below the first root. */
    public String newIntermediate() throws Exception {
        String csr = write(
                        "pki_mesh/intermediate/generate/internal",
                        Map.of("common_name", "intermediate", "key_type", "ec", "key_bits", 256))
                .text("csr")
                .orElseThrow();
        VaultAnswer signed = write(
                "pki_root/issuer/" + rootIssuer + "/sign-intermediate",
                Map.of(
                        "csr",
                        csr,
                        "common_name",
                        "intermediate",
                        "ttl",
                        "720h",
                        "max_path_length",
                        0,
                        "uri_sans",
                        "spiffe://" + TRUST_DOMAIN,
                        "not_before_duration",
                        "3600s"));
        String chain = signed.text("certificate").orElseThrow() + "\n"
                + signed.text("issuing_ca").orElseThrow();
        VaultAnswer imported = write("pki_mesh/intermediate/set-signed", Map.of("certificate", chain));
        Map<?, ?> keys = (Map<?, ?>) imported.data().getOrDefault("mapping", Map.of());
        return keys.entrySet().stream()
                .filter(entry -> !String.valueOf(entry.getValue()).isEmpty())
                .map(entry -> String.valueOf(entry.getKey()))
                .findFirst()
                .orElseThrow();
    }

    /** The role as it should be but for these fields; {@link Map#of} mends it. */
    public void role(Map<String, ?> other) throws Exception {
        Map<String, Object> fields = new HashMap<>(ROLE);
        fields.putAll(other);
        write("pki_mesh/roles/mesh-leaf", fields);
    }

    /** All that a control plane may do. */
    public String everything() {
        return """
                path "pki_mesh/issuer/%s/sign/mesh-leaf" { capabilities = ["update"] }
                path "pki_mesh/revoke" { capabilities = ["update"] }
                path "pki_root/issuer/%s/sign-intermediate" { capabilities = ["update"] }
                path "auth/token/renew-self" { capabilities = ["update"] }
                path "auth/token/lookup-self" { capabilities = ["read"] }
                path "auth/token/revoke-self" { capabilities = ["update"] }
                path "auth/approle/role/+/secret-id/lookup" { capabilities = ["update"] }
                """.formatted(issuer, rootIssuer);
    }

    public void policy(String text) throws Exception {
        write("sys/policies/acl/" + POLICY, Map.of("policy", text));
    }

    /** AppRole {@code name}, with a fresh secret id in a file. */
    public VaultAuth.AppRole appRole(String name, Map<String, ?> fields) throws Exception {
        Map<String, Object> role = new HashMap<>(
                Map.of("token_policies", List.of(POLICY), "token_no_default_policy", true, "token_ttl", "60s"));
        role.putAll(fields);
        write("auth/approle/role/" + name, role);
        String roleId = root.read("auth/approle/role/" + name + "/role-id")
                .text("role_id")
                .orElseThrow();
        String secretId = write("auth/approle/role/" + name + "/secret-id", Map.of())
                .text("secret_id")
                .orElseThrow();
        return new VaultAuth.AppRole("approle", name, secret(roleId), secret(secretId), false);
    }

    /** The same with its secret id response-wrapped. */
    public VaultAuth.AppRole wrapped(VaultAuth.AppRole role) throws Exception {
        return new VaultAuth.AppRole(
                role.mount(),
                role.role(),
                role.roleIdFile(),
                secret(wrap("auth/approle/role/" + role.role() + "/secret-id")),
                true);
    }

    /** A wrapping token for what POST {@code path} answers. */
    public String wrap(String path) throws Exception {
        try (HttpClient client = HttpClient.newBuilder()
                .sslContext(VaultTls.context(settings(new VaultAuth.TokenFile(Path.of("none")))))
                .build()) {
            HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(bao.address() + "/v1/" + path))
                    .header("X-Vault-Token", bao.rootToken())
                    .header("X-Vault-Wrap-TTL", "60")
                    .POST(HttpRequest.BodyPublishers.ofString("{}"));
            if (!namespace.isEmpty()) {
                request.header("X-Vault-Namespace", namespace);
            }
            String body = client.send(request.build(), HttpResponse.BodyHandlers.ofString())
                    .body();
            return String.valueOf(new BaoServer.Answer(200, body).json().get("wrap_info"))
                    .replaceAll("(?s).*token=([^,}]+).*", "$1");
        }
    }

    public VaultAuth.Jwt jwt(String audience) throws Exception {
        String token = Forged.jwt(
                cluster.getPrivate(),
                "system:serviceaccount:mesh:control-plane",
                audience,
                Instant.now().plusSeconds(600));
        return new VaultAuth.Jwt("jwt", "control-plane", secret(token));
    }

    /** A certificate of {@code ca}, which the server has been told to trust. */
    public VaultAuth.Certificate certificate(Forged.Certified ca, Forged.Certified trusted) throws Exception {
        write(
                "auth/cert/certs/control-plane",
                Map.of(
                        "certificate", Pem.encode(List.of(trusted.certificate())),
                        "token_policies", List.of(POLICY),
                        "token_ttl", "60s"));
        Forged.Certified client = Forged.client("control-plane", ca);
        return new VaultAuth.Certificate(
                "cert",
                "control-plane",
                secret(Pem.encode(List.of(client.certificate()))),
                secret(Pem.encode(client.keys().getPrivate())));
    }

    /** A private file of its own. */
    public Path secret(String text) throws Exception {
        Path file = folder.resolve("secret" + files++);
        Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, text + "\n");
    }

    public VaultSettings settings(VaultAuth auth) {
        return new VaultSettings(
                URI.create(bao.address()),
                Optional.of(bao.caFile()),
                optional(namespace),
                "pki_mesh",
                "pki_root",
                "mesh-leaf",
                optional(issuer),
                optional(rootIssuer),
                Duration.ofDays(14),
                auth);
    }

    private static Optional<String> optional(String text) {
        return Optional.of(text).filter(some -> !some.isEmpty());
    }

    /** How many tokens live. */
    public int tokens() throws Exception {
        return root.list("auth/token/accessors").texts("keys").size();
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
        return issuer;
    }

    public String rootIssuer() {
        return rootIssuer;
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
