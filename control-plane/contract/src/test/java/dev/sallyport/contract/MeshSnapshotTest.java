package dev.sallyport.contract;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.HostPort;
import dev.sallyport.document.Source;
import dev.sallyport.identity.Revocations;
import dev.sallyport.policy.DocumentSet;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MeshSnapshotTest {
    private static final HostPort OWN = new HostPort("10.0.0.1", 15006);
    private static final HostPort LEASED = new HostPort("10.0.0.2", 15006);
    private static final String POLICY = """
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: SERVICE}
            spec: {service: SERVICE, routes: {read: {match: GET /, allow: {all: {from: any-mesh, user: none}}}}}
            """;
    private static final String DOCUMENTS =
            """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              services:
                cart: {identity: spiffe://shop.example/sa/cart, ports: {8080: http}}
                orders: {identity: spiffe://shop.example/sa/orders, ports: {8080: http}, endpoints: ["10.0.0.1:15006"]}
            """ + POLICY.replace("SERVICE", "orders") + POLICY.replace("SERVICE", "cart");

    private final MeshSnapshot snapshot;

    MeshSnapshotTest() throws Exception {
        DocumentSet documents = DocumentSet.load(List.of(new Source("shop.yaml", DOCUMENTS)));
        snapshot = MeshSnapshot.of(
                documents,
                Objects.requireNonNull(documents.mesh().services().get("orders")),
                new MeshSnapshot.Edition(2, 7, Instant.ofEpochSecond(100), Instant.ofEpochSecond(200)),
                new MeshSnapshot.Trust(List.of()),
                Revocations.NONE,
                new MeshSnapshot.Keys(new TreeMap<>()),
                new TreeMap<>(Map.of("orders", List.of(LEASED, OWN, LEASED), "stranger", List.of(LEASED))));
    }

    @Test
    void snapshotIsForTheServiceAndOfWhatConcernsIt() throws Exception {
        assertThat(snapshot.mesh()).isEqualTo("shop");
        assertThat(snapshot.recipient()).hasToString("spiffe://shop.example/sa/orders");
        DocumentSet carried = DocumentSet.ofJson(snapshot.policy().documents());
        assertThat(carried.policies()).containsOnlyKeys("orders");
        assertThat(snapshot.policy().digest()).isEqualTo(carried.digest());
    }

    @Test
    void endpointsAreTheMeshsOwnFirstThenFurtherOnesOfDeclaredServices() {
        assertThat(snapshot.endpoints().byService()).containsExactly(Map.entry("orders", List.of(OWN, LEASED)));
    }
}
