package dev.sallyport.policy;

import static dev.sallyport.policy.CanonicalJson.document;
import static dev.sallyport.policy.CanonicalJson.duration;
import static dev.sallyport.policy.CanonicalJson.metadata;
import static dev.sallyport.policy.CanonicalJson.mode;
import static dev.sallyport.policy.CanonicalJson.putUnlessEmpty;

import dev.sallyport.document.HostPort;
import dev.sallyport.policy.Mesh.OpaAddress;
import dev.sallyport.policy.Mesh.OpaTarget;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The canonical form of a Mesh. */
final class MeshJson {
    private MeshJson() {}

    static Map<String, Object> of(Mesh mesh) {
        Map<String, Object> spec = new TreeMap<>();
        spec.put("trustDomain", mesh.trustDomain().name());
        Map<String, Object> issuers = new TreeMap<>();
        mesh.issuers().forEach((name, issuer) -> issuers.put(name, issuer(issuer)));
        putUnlessEmpty(spec, "issuers", issuers);
        Map<String, Object> services = new TreeMap<>();
        mesh.services().forEach((name, service) -> services.put(name, service(service)));
        putUnlessEmpty(spec, "services", services);
        Map<String, Object> opa = new TreeMap<>();
        mesh.opa().forEach((name, target) -> opa.put(name, target(target)));
        putUnlessEmpty(spec, "opa", opa);
        mode(spec, false, mesh.observeUntil());
        return document("Mesh", metadata(mesh.name(), Optional.empty()), spec);
    }

    private static Map<String, Object> target(OpaTarget target) {
        Map<String, Object> json = new TreeMap<>();
        switch (target.address()) {
            case OpaAddress.UnixSocket(String path) -> json.put("address", "unix:" + path);
            case OpaAddress.Loopback(HostPort address) -> json.put("address", address);
            case OpaAddress.InMesh(String service, int port) -> {
                json.put("service", service);
                json.put("port", port);
            }
        }
        json.put("concurrency", target.concurrency());
        return json;
    }

    private static Map<String, Object> issuer(Mesh.Issuer issuer) {
        Map<String, Object> json = new TreeMap<>();
        json.put("issuer", issuer.issuer());
        json.put("audiences", issuer.audiences());
        json.put("algorithms", issuer.algorithms());
        putUnlessEmpty(json, "types", issuer.types());
        issuer.keys().jwksUri().ifPresent(uri -> json.put("jwksUri", uri));
        json.put("maxStale", duration(issuer.keys().maxStale()));
        putUnlessEmpty(
                json,
                "privateAddresses",
                issuer.keys().privateAddresses().stream()
                        .map(AddressRange::toString)
                        .toList());
        json.put("roles", issuer.roles());
        json.put("scopes", issuer.scopes());
        json.put("clockSkew", duration(issuer.clockSkew()));
        issuer.maxTokenAge().ifPresent(age -> json.put("maxTokenAge", duration(age)));
        Map<String, Object> claims = new TreeMap<>();
        issuer.claims().forEach((claim, type) -> claims.put(claim, ClaimTypes.write(type)));
        putUnlessEmpty(json, "claims", claims);
        issuer.tokenHeader().ifPresent(header -> json.put("tokenHeader", header));
        putUnlessEmpty(json, "verifiedBy", issuer.hopTokens().verifiedBy());
        putUnlessEmpty(json, "propagate", issuer.hopTokens().propagate());
        return json;
    }

    private static Map<String, Object> service(Mesh.Service service) {
        Map<String, Object> json = new TreeMap<>();
        json.put("identity", service.identity().toString());
        Map<String, Object> ports = new TreeMap<>();
        service.ports().forEach((port, kind) -> ports.put(Integer.toString(port), kind.word()));
        putUnlessEmpty(json, "ports", ports);
        putUnlessEmpty(
                json,
                "endpoints",
                service.endpoints().stream().map(HostPort::toString).toList());
        Map<String, Object> relax = new TreeMap<>();
        service.relax().forEach((port, relaxations) -> relax.put(Integer.toString(port), relaxations(relaxations)));
        putUnlessEmpty(json, "relax", relax);
        Map<String, Object> paths = new TreeMap<>();
        putIf(service.paths().caseSensitive(), paths, "case", "sensitive");
        putIf(service.paths().trailingSlashSignificant(), paths, "trailingSlash", "significant");
        putUnlessEmpty(json, "paths", paths);
        return json;
    }

    private static Map<String, Object> relaxations(Relaxations relaxations) {
        Map<String, Object> json = new TreeMap<>();
        putIf(relaxations.encodedSlash(), json, "encodedSlash", "data");
        putIf(relaxations.emptySegments(), json, "emptySegments", "data");
        putIf(relaxations.matrixParameters(), json, "matrixParameters", "data");
        putUnlessEmpty(json, "overrideHeaders", relaxations.overrideHeaders());
        return json;
    }

    private static void putIf(boolean said, Map<String, Object> json, String key, String word) {
        if (said) {
            json.put(key, word);
        }
    }
}
