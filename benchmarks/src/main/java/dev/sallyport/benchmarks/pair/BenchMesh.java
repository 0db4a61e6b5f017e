package dev.sallyport.benchmarks.pair;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The mesh of the bench: service {@code load} calls service {@code backend}, for a user whom a token proves. In its folder lie certificates, the issuer's keys and the documents.
 *
 * @param issuer of users' tokens
 * @param token of the user, an ES256 JWT that outlives the bench
 */
public record BenchMesh(Path folder, BenchIssuer issuer, String token) {
    static final String CALLER = "load";
    /** Whom rules name as well, and who never calls. */
    static final String OTHER = "other";

    static final String CALLEE = "backend";
    static final String ISSUER_NAME = "bench";

    private static final String TRUST_DOMAIN = "bench.example";
    static final String ISSUER = "https://issuer.bench.example";

    private static final String MESH =
            """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: bench}
            spec:
              trustDomain: %s
              issuers:
                bench: {issuer: "%s", audiences: [bench], algorithms: [ES256], roles: roles}
              services:
                load: {identity: "%s", ports: {8080: http}}
                other: {identity: "%s", ports: {8080: http}}
                backend: {identity: "%s", ports: {8080: http}}
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: backend}
            spec:
              service: backend
              routes:
            """.formatted(TRUST_DOMAIN, ISSUER, identity("load"), identity("other"), identity("backend"));

    /** Makes everything anew. */
    public static BenchMesh write(Path folder) throws IOException {
        return write(folder, 0);
    }

    /** With so many more certificates of the caller. */
    public static BenchMesh write(Path folder, int callers) throws IOException {
        Certificates.write(folder, List.of(CALLER, OTHER, CALLEE), CALLER, callers);
        BenchIssuer issuer = BenchIssuer.create();
        Files.writeString(folder.resolve(ISSUER_NAME + ".jwks"), issuer.jwks());
        BenchMesh mesh = new BenchMesh(folder, issuer, issuer.token(ISSUER, "alice", "customer"));
        mesh.write(Rules.FULL);
        return mesh;
    }

    /** The same certificates, keys and user, in a folder inside with other rules; not the many more certificates of the caller. */
    BenchMesh with(Rules rules) throws IOException {
        Path inside = Files.createDirectories(folder.resolve("rules-" + rules.count() + "-" + rules.audit()));
        List<String> files = List.of(
                "ca.pem",
                CALLER + ".pem",
                CALLER + ".key",
                OTHER + ".pem",
                OTHER + ".key",
                CALLEE + ".pem",
                CALLEE + ".key",
                ISSUER_NAME + ".jwks");
        for (String file : files) {
            Files.copy(
                    folder.resolve(file),
                    inside.resolve(file),
                    StandardCopyOption.COPY_ATTRIBUTES, // a key is for its owner only
                    StandardCopyOption.REPLACE_EXISTING);
        }
        BenchMesh mesh = new BenchMesh(inside, issuer, token);
        mesh.write(rules);
        return mesh;
    }

    private void write(Rules rules) throws IOException {
        Files.writeString(folder.resolve("mesh.yaml"), MESH + rules.document());
    }

    /** The SPIFFE ID of a service. */
    static String identity(String service) {
        return "spiffe://" + TRUST_DOMAIN + "/sa/" + service;
    }

    /** Its DNS name, for proxies that know no SPIFFE IDs. */
    static String host(String service) {
        return service + "." + TRUST_DOMAIN;
    }

    /** As a caller's sidecar names the callee's port in TLS. */
    public static String serverName() {
        return "8080." + host(CALLEE);
    }

    /** The caller's certificate that every configuration has. */
    public CallerKeys caller() throws IOException {
        return CallerKeys.read(folder, List.of(CALLER));
    }

    /** Its others, as many as were written. */
    public CallerKeys callers(int count) throws IOException {
        return CallerKeys.read(
                folder,
                IntStream.rangeClosed(1, count).mapToObj(i -> CALLER + "-" + i).toList());
    }

    /** Header lines of every request, the same for every configuration. */
    public String headers() {
        return headers(token);
    }

    static String headers(String token) {
        return "host: " + host(CALLEE) + "\r\naccept: */*\r\nuser-agent: sallyport-bench\r\nauthorization: Bearer "
                + token + "\r\n";
    }
}
