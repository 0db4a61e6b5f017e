package dev.sallyport.benchmarks;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.PathTemplate;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.AuditMode;
import dev.sallyport.policy.RoutePolicy.Callers;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import dev.sallyport.policy.User;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** A policy as large as a measurement wants it: {@code routes} routes that share {@code rules} rules evenly, in a mesh of 2,001 services; each rule names one caller and a role. */
public final class BigPolicy {
    static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");
    static final String SERVICE = "payment";

    private static final int CALLERS = 2000;
    private static final int CLAIM_SECONDS = 60;

    private BigPolicy() {}

    static DocumentSet of(int routes, int rules) {
        TreeMap<String, Mesh.Service> services = new TreeMap<>();
        services.put(
                SERVICE,
                new Mesh.Service(SERVICE, id(SERVICE), new TreeMap<>(Map.of(8080, Mesh.PortKind.HTTP)), List.of()));
        for (int i = 0; i < CALLERS; i++) {
            services.put(caller(i), new Mesh.Service(caller(i), id(caller(i)), new TreeMap<>(), List.of()));
        }
        Mesh.Issuer issuer = new Mesh.Issuer(
                "shop",
                "https://auth.shop.example",
                List.of("shop-api"),
                List.of("ES256"),
                Optional.empty(),
                "roles",
                "scope",
                Duration.ofSeconds(30),
                Optional.empty(),
                Map.of());
        Mesh mesh = new Mesh(
                "shop",
                id(SERVICE).trustDomain(),
                Optional.empty(),
                new TreeMap<>(Map.of("shop", issuer)),
                services,
                new TreeMap<>());
        TreeMap<String, Route> declared = new TreeMap<>();
        for (int i = 0; i < routes; i++) {
            declared.put("r" + i, route(i, rules / routes));
        }
        RoutePolicy policy = new RoutePolicy(SERVICE, SERVICE, Optional.empty(), false, Optional.empty(), declared);
        return new DocumentSet(mesh, new TreeMap<>(Map.of(SERVICE, policy)), new TreeMap<>(), new TreeMap<>());
    }

    /** Callers from a place of its own on, so that routes do not all share one table. */
    private static Route route(int number, int rules) {
        TreeMap<String, Rule> allow = new TreeMap<>();
        for (int i = 0; i < rules; i++) {
            String caller = caller((number + i) % CALLERS);
            allow.put(
                    "a" + i,
                    new Rule(
                            "a" + i,
                            new Callers(false, Set.of(id(caller)), List.of(caller)),
                            new UserRequirement.Conditions(
                                    "shop",
                                    Optional.empty(),
                                    Set.of("finance", "customer"),
                                    Set.of(),
                                    Set.of(),
                                    Map.of(),
                                    Optional.empty()),
                            List.of(),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            false,
                            false,
                            false));
        }
        return new Route(
                "r" + number,
                List.of(new Match.Http("POST", PathTemplate.parse("/charges/{id}/part" + number))),
                new TreeSet<>(),
                List.of(),
                Optional.empty(),
                AuditMode.BUFFERED,
                Optional.empty(),
                new TreeMap<>(),
                allow);
    }

    static String caller(int number) {
        return "caller" + number;
    }

    private static SpiffeId id(String name) {
        return new SpiffeId(DOMAIN, "/sa/" + name);
    }

    private static final TrustDomain DOMAIN = new TrustDomain("shop.example");

    /** A request of the route {@code number} by the caller of one of its rules, with a user who has {@code role}. */
    static GivenFacts request(int number, String caller, String role) {
        User user = new User(
                "shop",
                "alice",
                List.of(role),
                List.of(),
                Map.of(),
                NOW.minusSeconds(CLAIM_SECONDS),
                NOW.plusSeconds(CLAIM_SECONDS));
        return GivenFacts.of(Optional.of(id(caller)), "POST", "/charges/c-123456/part" + number)
                .as(user);
    }
}
