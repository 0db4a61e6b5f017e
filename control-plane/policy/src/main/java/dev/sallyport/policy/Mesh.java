package dev.sallyport.policy;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;

/** The {@code Mesh} document: who exists, who issues tokens, whom rules may ask. One per mesh. Until {@code observeUntil} what no rule allows is forwarded and recorded. */
public record Mesh(
        String name,
        TrustDomain trustDomain,
        Optional<Instant> observeUntil,
        SortedMap<String, Issuer> issuers,
        SortedMap<String, Service> services,
        SortedMap<String, OpaTarget> opa) {
    public Mesh {
        issuers = Frozen.map(issuers);
        services = Frozen.map(services);
        opa = Frozen.map(opa);
    }

    /** A workload kind: its identity and the ports that others may call, what each of them relaxes, and how its application reads paths. */
    public record Service(
            String name,
            SpiffeId identity,
            SortedMap<Integer, PortKind> ports,
            List<HostPort> endpoints,
            SortedMap<Integer, Relaxations> relax,
            Paths paths) {
        public Service {
            ports = Frozen.map(ports);
            endpoints = List.copyOf(endpoints);
            relax = Frozen.map(relax);
        }

        /** With nothing relaxed, and paths read in the loosest way. */
        public Service(String name, SpiffeId identity, SortedMap<Integer, PortKind> ports, List<HostPort> endpoints) {
            this(name, identity, ports, endpoints, Collections.emptySortedMap(), Paths.LOOSEST);
        }

        /** What {@code port} relaxes; nothing when it is not declared. */
        public Relaxations relaxed(int port) {
            return relax.getOrDefault(port, Relaxations.NONE);
        }

        /** Of a request without a connection that names its port, by its Host: of the declared port that it names, or of the only one that carries requests; else nothing is relaxed. */
        public Relaxations relaxed(Authority host) {
            if (host.port().isPresent() && ports.containsKey(host.port().getAsInt())) {
                return relaxed(host.port().getAsInt());
            }
            List<Integer> carrying = ports.keySet().stream()
                    .filter(port -> ports.get(port) != PortKind.TCP)
                    .toList();
            return carrying.size() == 1 ? relaxed(carrying.getFirst()) : Relaxations.NONE;
        }
    }

    /** What is spoken on a port. */
    public enum PortKind {
        HTTP,
        GRPC,
        TCP;

        /** {@code http}. */
        public String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * A token issuer. {@code issuer} is the exact {@code iss}; {@code types} the {@code typ} values that its tokens may have, lower case without {@code application/}: none, any form of JWT will do; {@code roles}
     * and {@code scopes} are dotted claim paths; {@code claims} are the declared ones with their type, and no other claim reaches a rule. {@code maxTokenAge} counts from {@code iat}, without leeway.
     * {@code tokenHeader}, lower case: its tokens are in that header, and only there; empty: in {@code Authorization}. RFC 8725.
     */
    public record Issuer(
            String name,
            String issuer,
            List<String> audiences,
            List<String> algorithms,
            List<String> types,
            KeySource keys,
            String roles,
            String scopes,
            Duration clockSkew,
            Optional<Duration> maxTokenAge,
            Map<String, ClaimType> claims,
            Optional<String> tokenHeader,
            HopTokens hopTokens) {
        public Issuer {
            audiences = List.copyOf(audiences);
            algorithms = List.copyOf(algorithms);
            types = List.copyOf(types);
            claims = Frozen.map(claims);
        }

        /** Whether its tokens are in {@code header} (lower case), or in what some reader takes for it. */
        public boolean carriesTokens(String header) {
            return tokenHeader.filter(HeaderNames.folded(header)::equals).isPresent();
        }

        /** With every default: tokens of any type in {@code Authorization}, no hop tokens. */
        public Issuer(
                String name,
                String issuer,
                List<String> audiences,
                List<String> algorithms,
                Optional<String> jwksUri,
                String roles,
                String scopes,
                Duration clockSkew,
                Optional<Duration> maxTokenAge,
                Map<String, ClaimType> claims) {
            this(
                    name,
                    issuer,
                    audiences,
                    algorithms,
                    List.of(),
                    new KeySource(jwksUri, KeySource.MAX_STALE, List.of()),
                    roles,
                    scopes,
                    clockSkew,
                    maxTokenAge,
                    claims,
                    Optional.empty(),
                    HopTokens.NONE);
        }
    }

    /**
     * Where the keys of an issuer come from: {@code jwksUri}, or discovery. The last good ones count for {@code maxStale} after they were fetched; addresses that are private or link-local are asked only if they are
     * among {@code privateAddresses}.
     */
    public record KeySource(Optional<String> jwksUri, Duration maxStale, List<AddressRange> privateAddresses) {
        public static final Duration MAX_STALE = Duration.ofHours(24);

        public KeySource {
            privateAddresses = List.copyOf(privateAddresses);
        }
    }

    /** How users of an issuer go on from service to service: who may vouch for them, services by name, and which declared claims travel. Without a service in {@code verifiedBy} no hop token counts. */
    public record HopTokens(SortedSet<String> verifiedBy, SortedSet<String> propagate) {
        /** Of two sidecars' clocks. */
        public static final Duration CLOCK_SKEW = Duration.ofSeconds(5);

        public static final HopTokens NONE = new HopTokens(Collections.emptySortedSet(), Collections.emptySortedSet());

        public HopTokens {
            verifiedBy = Frozen.set(verifiedBy);
            propagate = Frozen.set(propagate);
        }

        /** Whether a declared claim travels: how and when the user signed in always does. */
        public boolean carries(String claim) {
            return claim.equals("amr") || claim.equals("auth_time") || propagate.contains(claim);
        }

        /** The claims of a user that travel. */
        public Map<String, Object> travelling(User own) {
            Map<String, Object> claims = new TreeMap<>(own.claims());
            claims.keySet().removeIf(claim -> !carries(claim));
            return claims;
        }

        /** The user as the last of {@code services} tells of one whose own token the first has verified: less the claims that do not travel. */
        public User carried(User own, List<String> services) {
            return new User(
                    own.issuer(),
                    own.subject(),
                    own.roles(),
                    own.scopes(),
                    travelling(own),
                    own.issuedAt(),
                    own.expiresAt(),
                    services);
        }
    }

    /** {@code string}, {@code bool}, {@code int}, {@code [string]}. */
    public enum ClaimType {
        STRING,
        BOOL,
        INT,
        STRINGS
    }

    /** An Open Policy Agent that rules may ask; declared by security, never by a route's owner. {@code concurrency}: questions under way at once, a sidecar's event loop. */
    public record OpaTarget(String name, OpaAddress address, int concurrency) {}

    /** Where an OPA listens: never in the clear beyond this host. */
    public sealed interface OpaAddress {
        /** {@code unix:/run/opa.sock}: an absolute path. */
        record UnixSocket(String path) implements OpaAddress {}

        /** {@code 127.0.0.1:8181}. */
        record Loopback(HostPort address) implements OpaAddress {}

        /** A service of the mesh on a declared HTTP port, over mTLS. */
        record InMesh(String service, int port) implements OpaAddress {}
    }

    /** The service that runs under exactly this identity. */
    public Optional<Service> serviceOf(SpiffeId identity) {
        return services.values().stream()
                .filter(service -> service.identity().equals(identity))
                .findFirst();
    }
}
