package dev.sallyport.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.document.Source;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.PolicySet;
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
        assertThat(shop.policies().keySet()).isEqualTo(Shop.SERVICES.keySet());
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
        assertThat(shop.mesh().services().keySet()).containsAll(Shop.SERVICES.keySet());
        Shop.SERVICES
                .values()
                .forEach(destinations ->
                        assertThat(shop.mesh().services()).containsKeys(destinations.toArray(String[]::new)));
    }

    @Test
    void tokenGoesOnWhereTheChainNeedsItOnly() {
        assertThat(decide("orders", "web", "POST", "/orders", "customer"))
                .isInstanceOfSatisfying(
                        Decision.Allow.class,
                        allow -> assertThat(allow.forwarding()).isEqualTo(Decision.Forwarding.VERIFIED));
        assertThat(decide("payment", "orders", "POST", "/charges", "customer"))
                .isInstanceOfSatisfying(
                        Decision.Allow.class,
                        allow -> assertThat(allow.forwarding()).isEqualTo(Decision.Forwarding.NOTHING));
    }

    private static Decision decide(String service, String caller, String method, String path, String role) {
        User alice = new User("shop", "alice", List.of(role), List.of(), Map.of(), NOW, NOW.plusSeconds(300));
        return PolicySet.compile(shop.concerning(service), service)
                .decide(
                        GivenFacts.of(
                                        Optional.ofNullable(
                                                        shop.mesh().services().get(caller))
                                                .map(declared -> declared.identity()),
                                        method,
                                        path)
                                .as(alice),
                        NOW);
    }
}
