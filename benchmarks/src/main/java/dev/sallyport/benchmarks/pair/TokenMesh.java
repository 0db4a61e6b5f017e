package dev.sallyport.benchmarks.pair;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Mesh;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The mesh of {@code bench tokens}: services {@code load} and {@code other} call service {@code backend}, whose three routes differ in what they demand of the user and in nothing else. In its folder lie certificates, the
 * issuers' keys and the documents.
 */
public record TokenMesh(Path folder, BenchIssuer issuer) {
    /** Whose users end at the backend. */
    public static final String SHOP = "https://issuer.bench.example";
    /** Whose users may go on from there: a request of theirs gets a handle. */
    public static final String TRAVEL = "https://travel.bench.example";

    /** Their names in the Mesh. */
    static final List<String> ISSUERS = List.of("shop", "travel");

    static final String OTHER = "other";

    private static final String DOCUMENTS = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: bench}
            spec:
              trustDomain: bench.example
              issuers:
                shop: {issuer: "%s", audiences: [bench], algorithms: [ES256], roles: roles}
                travel: {issuer: "%s", audiences: [bench], algorithms: [ES256], roles: roles, verifiedBy: [backend]}
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
                none: {match: "GET /bytes/{count}/none", audit: buffered, allow: {all: {from: [load, other], user: none}}}
                user: {match: "GET /bytes/{count}/user", audit: buffered, allow: {all: {from: [load, other], user: {issuer: shop, anyRole: [customer]}}}}
                trip: {match: "GET /bytes/{count}/trip", audit: buffered, allow: {all: {from: [load, other], user: {issuer: travel, anyRole: [customer]}}}}
            """.formatted(
                    SHOP,
                    TRAVEL,
                    BenchMesh.identity(BenchMesh.CALLER),
                    BenchMesh.identity(OTHER),
                    BenchMesh.identity(BenchMesh.CALLEE));

    /** Makes everything anew. */
    public static TokenMesh write(Path folder) throws IOException {
        BenchIssuer issuer = BenchIssuer.create();
        Certificates.write(folder, List.of(BenchMesh.CALLER, OTHER, BenchMesh.CALLEE));
        Files.writeString(folder.resolve("mesh.yaml"), DOCUMENTS);
        for (String name : ISSUERS) {
            Files.writeString(folder.resolve(name + ".jwks"), issuer.jwks());
        }
        return new TokenMesh(folder, issuer);
    }

    /** As the documents declare it. */
    public static Mesh mesh() {
        try {
            return DocumentSet.load(List.of(new Source("mesh.yaml", DOCUMENTS))).mesh();
        } catch (InvalidDocumentException e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /** Of a user whom the issuer's route admits; by a stranger it is right in everything but the key of its signature. */
    public static String token(BenchIssuer signer, String issuer, String subject) {
        return signer.token(issuer, subject, "customer");
    }

    /** A request of the route {@code none}, {@code user} or {@code trip}; {@code more}: header lines with their CRLF. */
    public static String request(int bytes, String route, String more) {
        return "GET /bytes/" + bytes + "/" + route + " HTTP/1.1\r\nhost: " + BenchMesh.host(BenchMesh.CALLEE)
                + "\r\naccept: */*\r\nuser-agent: sallyport-bench\r\n" + more + "\r\n";
    }
}
