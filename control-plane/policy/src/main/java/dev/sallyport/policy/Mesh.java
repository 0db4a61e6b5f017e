package dev.sallyport.policy;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;

/** The {@code Mesh} document: who exists, who issues tokens. One per mesh. */
public record Mesh(
        String name, TrustDomain trustDomain, SortedMap<String, Issuer> issuers, SortedMap<String, Service> services) {
    public Mesh {
        issuers = Frozen.map(issuers);
        services = Frozen.map(services);
    }

    /** A workload kind: its identity and the ports that others may call. */
    public record Service(
            String name, SpiffeId identity, SortedMap<Integer, PortKind> ports, List<HostPort> endpoints) {
        public Service {
            ports = Frozen.map(ports);
            endpoints = List.copyOf(endpoints);
        }
    }

    /** What is spoken on a port; only HTTP in this version. */
    public enum PortKind {
        HTTP;

        /** {@code http}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A token issuer. {@code issuer} is the exact {@code iss}; {@code roles} and {@code scopes} are dotted claim paths; {@code claims} are the declared ones with their type, and
     * no other claim reaches a rule. RFC 8725.
     */
    public record Issuer(
            String name,
            String issuer,
            List<String> audiences,
            List<String> algorithms,
            Optional<String> jwksUri,
            String roles,
            String scopes,
            Duration clockSkew,
            Map<String, ClaimType> claims) {
        public Issuer {
            audiences = List.copyOf(audiences);
            algorithms = List.copyOf(algorithms);
            claims = Frozen.map(claims);
        }
    }

    /** {@code string}, {@code bool}, {@code int}, {@code [string]}. */
    public enum ClaimType {
        STRING,
        BOOL,
        INT,
        STRINGS
    }

    /** The service that runs under exactly this identity. */
    public Optional<Service> serviceOf(SpiffeId identity) {
        return services.values().stream()
                .filter(service -> service.identity().equals(identity))
                .findFirst();
    }
}
