package dev.sallyport.proxy.snapshot;

import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.proxy.token.IssuerKeys;
import java.util.HashMap;
import java.util.Map;

/**
 * A snapshot with everything that a request needs worked out of it, so that no event loop parses or compiles. Immutable; one value serves a whole request. {@code issuers} is by
 * issuer URL, the exact {@code iss} of a token.
 */
public record CompiledSnapshot(
        MeshSnapshot snapshot,
        DocumentSet documents,
        PolicySet policies,
        Map<String, IssuerKeys> issuers,
        Mesh.Service self) {
    public CompiledSnapshot {
        issuers = Map.copyOf(issuers);
    }

    /** Slow; never on an event loop. Refuses a snapshot whose documents do not load, whose digest differs or whose own service is not declared. */
    public static CompiledSnapshot compile(MeshSnapshot snapshot)
            throws InvalidMessageException, InvalidDocumentException {
        DocumentSet documents = DocumentSet.ofJson(snapshot.policy().documents());
        if (!documents.digest().equals(snapshot.policy().digest())) {
            throw new InvalidMessageException("policy.digest: "
                    + snapshot.policy().digest() + " (expected: " + documents.digest() + ", of the documents carried)");
        }
        Mesh mesh = documents.mesh();
        Mesh.Service self = mesh.services().get(snapshot.service());
        if (self == null || !self.identity().equals(snapshot.recipient())) {
            throw new InvalidMessageException("service: " + snapshot.service()
                    + " (expected: a service of the Mesh with identity " + snapshot.recipient() + ")");
        }
        Map<String, IssuerKeys> issuers = new HashMap<>();
        for (Mesh.Issuer issuer : mesh.issuers().values()) {
            issuers.put(
                    issuer.issuer(),
                    IssuerKeys.of(issuer, snapshot.keys().jwksByIssuer().getOrDefault(issuer.name(), "{\"keys\":[]}")));
        }
        return new CompiledSnapshot(
                snapshot, documents, PolicySet.compile(documents, snapshot.service()), issuers, self);
    }

    /** The Mesh that every name of a request is looked up in. */
    public Mesh mesh() {
        return documents.mesh();
    }
}
