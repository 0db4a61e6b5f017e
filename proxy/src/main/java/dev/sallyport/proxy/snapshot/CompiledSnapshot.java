package dev.sallyport.proxy.snapshot;

import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.MeshNames;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.document.HostPort;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.proxy.token.IssuerKeys;
import dev.sallyport.proxy.token.TokenIssuers;
import dev.sallyport.proxy.upstream.Target;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A snapshot with everything that a request needs worked out of it, so that no event loop parses or compiles. Immutable; one value serves a whole request. {@code issuers} is by
 * issuer URL, the exact {@code iss} of a token; {@code vouchedFor}: the issuers, by name, for whose users this service may sign hop tokens.
 */
public record CompiledSnapshot(
        MeshSnapshot snapshot,
        DocumentSet documents,
        PolicySet policies,
        TokenIssuers issuers,
        Mesh.Service self,
        Set<String> vouchedFor) {
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
                snapshot,
                documents,
                PolicySet.compile(documents, snapshot.service()),
                new TokenIssuers(issuers),
                self,
                vouchedFor(mesh, self.name()));
    }

    private static Set<String> vouchedFor(Mesh mesh, String service) {
        return mesh.issuers().values().stream()
                .filter(issuer -> issuer.hopTokens().verifiedBy().contains(service))
                .map(Mesh.Issuer::name)
                .collect(Collectors.toUnmodifiableSet());
    }

    /** The header in which tokens of an issuer (its name) are; empty for {@code Authorization}. */
    public String tokenHeader(String issuer) {
        Mesh.Issuer declared = mesh().issuers().get(issuer);
        return declared == null ? "" : declared.tokenHeader().orElse("");
    }

    /** Where the sidecars of a service are that lead to its declared {@code port}; empty when the Mesh declares no such port, or nobody serves it now. */
    public Optional<Target.Service> sidecars(String service, int port) {
        List<HostPort> endpoints = snapshot.endpoints().byService().getOrDefault(service, List.of());
        return Optional.ofNullable(mesh().services().get(service))
                .filter(declared -> declared.ports().containsKey(port) && !endpoints.isEmpty())
                .map(declared -> Target.Service.at(
                        service,
                        port,
                        MeshNames.sni(port, service, mesh().trustDomain()),
                        declared.identity(),
                        endpoints));
    }

    /** The Mesh that every name of a request is looked up in. */
    public Mesh mesh() {
        return documents.mesh();
    }
}
