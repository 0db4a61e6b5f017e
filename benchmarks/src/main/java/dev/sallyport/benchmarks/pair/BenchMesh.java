package dev.sallyport.benchmarks.pair;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;

/**
 * The mesh of the bench: service {@code load} calls service {@code backend}, for a user whom a token proves. In its folder lie certificates, the issuer's keys and the documents.
 *
 * @param token of the user, an ES256 JWT that outlives the bench
 */
public record BenchMesh(Path folder, String token) {
    static final String CALLER = "load";
    static final String CALLEE = "backend";
    static final String ISSUER_NAME = "bench";

    /** Routes that are never asked, each with two rules; with those that are, the service has {@link #RULES}. */
    private static final int OTHER_ROUTES = 8;

    static final int RULES = 2 * (OTHER_ROUTES + 2);
    private static final String TRUST_DOMAIN = "bench.example";
    private static final String ISSUER = "https://issuer.bench.example";

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

    /** The second rule is the one that allows: the first names another caller. */
    private static final String ROUTE = """
                %s:
                  match: "%s"
                  audit: buffered
                  allow:
                    others: {from: [other], user: {issuer: bench, anyRole: [operator]}}
                    load: {from: [load], user: {issuer: bench, anyRole: [customer, operator]}}
            """;

    /** Makes everything anew. */
    public static BenchMesh write(Path folder) throws IOException {
        return write(folder, 0);
    }

    /** With so many more certificates of the caller. */
    public static BenchMesh write(Path folder, int callers) throws IOException {
        Certificates.write(folder, List.of(CALLER, CALLEE), CALLER, callers);
        StringBuilder documents = new StringBuilder(MESH);
        documents.append(ROUTE.formatted("bytes", "GET /bytes/{count}")).append(ROUTE.formatted("sink", "PUT /sink"));
        for (int i = 0; i < OTHER_ROUTES; i++) {
            documents.append(ROUTE.formatted("other" + i, "GET /other" + i + "/{id}"));
        }
        Files.writeString(folder.resolve("mesh.yaml"), documents);
        BenchIssuer issuer = BenchIssuer.create();
        Files.writeString(folder.resolve(ISSUER_NAME + ".jwks"), issuer.jwks());
        return new BenchMesh(folder, issuer.token(ISSUER, "alice", "customer"));
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
        return "host: " + host(CALLEE) + "\r\naccept: */*\r\nuser-agent: sallyport-bench\r\nauthorization: Bearer "
                + token + "\r\n";
    }
}
