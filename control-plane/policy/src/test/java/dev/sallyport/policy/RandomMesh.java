package dev.sallyport.policy;

import dev.sallyport.document.HostPort;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.policy.Mesh.ClaimType;
import dev.sallyport.policy.Mesh.HopTokens;
import dev.sallyport.policy.Mesh.Issuer;
import dev.sallyport.policy.Mesh.KeySource;
import dev.sallyport.policy.Mesh.OpaTarget;
import dev.sallyport.policy.Mesh.PortKind;
import dev.sallyport.policy.Mesh.Service;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** The mesh of the random policies: always the same, but for what is a matter of time, and how the called service reads paths. */
final class RandomMesh {
    private static final SortedMap<Integer, PortKind> PORTS = new TreeMap<>(Map.of(
            8080,
            PortKind.HTTP,
            9090,
            PortKind.GRPC,
            RandomPolicies.TCP_PORT,
            PortKind.TCP,
            RandomPolicies.TCP_PORT + 1,
            PortKind.TCP));

    private static final Map<String, Service> SERVICES = RandomPolicies.SERVICES.stream()
            .map(name -> new Service(name, Facts.id(name), PORTS, List.of()))
            .collect(Collectors.toMap(Service::name, service -> service));

    private static final Map<String, OpaTarget> OPA = RandomPolicies.TARGETS.stream()
            .map(name -> new OpaTarget(name, new Mesh.OpaAddress.Loopback(new HostPort("127.0.0.1", 8181)), 16))
            .collect(Collectors.toMap(OpaTarget::name, target -> target));

    private static final Map<String, ClaimType> CLAIMS =
            Map.of("dept", ClaimType.STRING, "amr", ClaimType.STRINGS, "staff", ClaimType.BOOL, "level", ClaimType.INT);

    /** By issuer; a service that only carries stands in no list. */
    static final Map<String, HopTokens> HOPS = Map.of(
            "shop", new HopTokens(new TreeSet<>(Set.of("web", "orders")), new TreeSet<>(Set.of("dept", "amr"))),
            "staff", new HopTokens(new TreeSet<>(Set.of("web")), new TreeSet<>()));

    private RandomMesh() {}

    static Mesh mesh(Dice dice, Optional<Instant> observeUntil) {
        return new Mesh(
                "shop",
                trustDomain(),
                observeUntil,
                new TreeMap<>(Map.of("shop", issuer("shop", CLAIMS, dice), "staff", issuer("staff", Map.of(), dice))),
                services(dice),
                new TreeMap<>(OPA));
    }

    /** The called one may declare how it reads paths. */
    private static SortedMap<String, Service> services(Dice dice) {
        SortedMap<String, Service> services = new TreeMap<>(SERVICES);
        Paths paths = new Paths(dice.one(4), dice.one(4));
        services.computeIfPresent(
                RandomPolicies.SERVICE,
                (name, plain) -> new Service(
                        name, plain.identity(), plain.ports(), plain.endpoints(), Collections.emptySortedMap(), paths));
        return services;
    }

    private static Issuer issuer(String name, Map<String, ClaimType> claims, Dice dice) {
        return new Issuer(
                name,
                "https://" + name + ".example",
                List.of("shop-api"),
                List.of("ES256"),
                List.of(),
                new KeySource(Optional.empty(), KeySource.MAX_STALE, List.of()),
                "roles",
                "scope",
                Duration.ofSeconds(30),
                dice.maybe(5, () -> Duration.ofSeconds(90)),
                claims,
                Optional.empty(),
                Objects.requireNonNull(HOPS.get(name)));
    }

    private static TrustDomain trustDomain() {
        try {
            return TrustDomain.parse("shop.example");
        } catch (InvalidSpiffeIdException impossible) {
            throw new IllegalStateException(impossible);
        }
    }
}
