package dev.sallyport.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.document.Source;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.User;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the demo needs of the set that it runs on; what the rules say is in the tests beside them. */
class ShopExampleTest {
    private static final Path EXAMPLE = Path.of("../../deploy/examples/shop");
    private static final Instant NOW = Instant.parse("2026-11-24T10:00:00Z");

    private static DocumentSet shop;

    @BeforeAll
    static void load() throws Exception {
        shop = WorkingTree.load(Source.read(EXAMPLE), Instant.now()).set();
    }

    @Test
    void fiveServicesDeclareOneHundredAndFiftyFourEndpoints() {
        assertThat(shop.policies().keySet()).isEqualTo(Shop.SERVICES);
        assertThat(shop.policies().values().stream()
                        .flatMap(policy -> policy.routes().values().stream())
                        .mapToInt(route -> route.matches().size())
                        .sum())
                .isEqualTo(154);
    }

    @Test
    void everyPolicyHasAnOwner() {
        assertThat(shop.policies().values())
                .allSatisfy(policy -> assertThat(policy.owner()).isPresent());
    }

    @Test
    void destinationsOfTheDemoAreDeclared() {
        assertThat(shop.mesh().services().keySet()).containsAll(Shop.MEMBERS.keySet());
        Shop.MEMBERS
                .values()
                .forEach(destinations ->
                        assertThat(shop.mesh().services()).containsKeys(destinations.toArray(String[]::new)));
    }

    @Test
    void peopleComeInWhereNobodyCanBeCalled() {
        assertThat(shop.mesh().services().get(Shop.EDGE))
                .satisfies(edge -> assertThat(edge.ports()).isEmpty());
    }

    @Test
    void customerIsVerifiedAtWebAndCarriedFromThereOn() {
        assertAllows("web", Shop.EDGE, "/checkout", List.of());
        assertAllows("orders", "web", "/orders", List.of("web"));
        assertAllows("payment", "orders", "/charges", List.of("web", "orders"));
    }

    private static void assertAllows(String service, String caller, String path, List<String> carriedBy) {
        assertThat(decide(service, caller, path, carriedBy))
                .isInstanceOfSatisfying(
                        Decision.Allow.class,
                        allow -> assertThat(allow.forwarding()).isEqualTo(Decision.Forwarding.NOTHING));
    }

    @Test
    void nobodyElseVouchesAndNoLongerWayCounts() {
        assertThat(decide("payment", "orders", "/charges", List.of("orders")).reason())
                .isEqualTo(Reason.TOKEN_CHAIN);
        assertThat(decide("payment", "orders", "/charges", List.of("web", "cart", "orders"))
                        .reason())
                .isEqualTo(Reason.TOKEN_CHAIN);
        assertThat(decide("orders", "web", "/orders", List.of("backoffice", "web"))
                        .reason())
                .isEqualTo(Reason.TOKEN_CHAIN);
    }

    /** A POST for a customer; {@code carriedBy} as of {@link User}. */
    private static Decision decide(String service, String caller, String path, List<String> carriedBy) {
        Instant ends = NOW.plusSeconds(300);
        User alice = new User("shop", "alice", List.of("customer"), List.of(), Map.of(), NOW, ends, carriedBy);
        Optional<Mesh.Service> declared =
                Optional.ofNullable(shop.mesh().services().get(caller));
        return PolicySet.compile(shop.concerning(service), service)
                .decide(
                        GivenFacts.of(declared.map(Mesh.Service::identity), "POST", path)
                                .as(alice),
                        NOW);
    }
}
