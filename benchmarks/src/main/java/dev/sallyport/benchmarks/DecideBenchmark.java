package dev.sallyport.benchmarks;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.policy.RequestFacts;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** One decision of a service with {@code routes} routes: caller, user with roles, template with a variable; the user is proven already. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class DecideBenchmark {
    private static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");

    private static final String MESH = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              issuers:
                shop: {issuer: https://auth.shop.example, audiences: [shop-api], algorithms: [ES256]}
              services:
                web: {identity: spiffe://shop.example/sa/web}
                orders: {identity: spiffe://shop.example/sa/orders}
                payment: {identity: spiffe://shop.example/sa/payment, ports: {8080: http}}
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: payment}
            spec:
              service: payment
              routes:
            """;

    /** How many routes the policy has. */
    @Param({"30", "1000"})
    public int routes;

    private PolicySet policy;
    private RequestFacts allowed;
    private RequestFacts denied;

    /** Compiles the policy; not measured. */
    @Setup
    public void compile() throws InvalidDocumentException {
        String text = IntStream.range(0, routes)
                .mapToObj(i -> "    r" + i + ": {match: 'POST /charges/{id}/part" + i
                        + "', allow: {a: {from: orders, user: {issuer: shop, anyRole: [finance, customer]}}}}\n")
                .collect(Collectors.joining());
        DocumentSet set = DocumentSet.load(List.of(new Source("bench.yaml", MESH + text)));
        policy = PolicySet.compile(set, "payment");
        String path = "/charges/c-123456/part" + routes / 2;
        allowed = facts(set, "orders", path);
        denied = facts(set, "web", path);
    }

    /** A rule with conditions holds. */
    @Benchmark
    public Decision allow() {
        return policy.decide(allowed, NOW);
    }

    /** The caller is not in {@code from}. */
    @Benchmark
    public Decision deny() {
        return policy.decide(denied, NOW);
    }

    private static RequestFacts facts(DocumentSet set, String service, String path) {
        Optional<SpiffeId> caller = set.mesh().services().values().stream()
                .filter(declared -> declared.name().equals(service))
                .map(declared -> declared.identity())
                .findFirst();
        UserFact user = new UserFact.Verified(new User(
                "shop", "alice", List.of("customer"), List.of(), Map.of(), NOW.minusSeconds(60), NOW.plusSeconds(60)));
        return GivenFacts.of(caller, "POST", path).as(user);
    }
}
