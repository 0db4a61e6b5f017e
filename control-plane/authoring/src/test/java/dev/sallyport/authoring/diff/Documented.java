package dev.sallyport.authoring.diff;

import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import java.time.Instant;
import java.util.List;

/** Small sets of documents for these tests. */
final class Documented {
    static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");

    static final String MESH = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              issuers:
                shop: {issuer: https://auth.shop.example, audiences: [shop-api], algorithms: [ES256], claims: {dept: string}}
              services:
                web: {identity: spiffe://shop.example/sa/web}
                orders: {identity: spiffe://shop.example/sa/orders}
                payment: {identity: spiffe://shop.example/sa/payment, ports: {8080: http}}
            """;

    private Documented() {}

    static DocumentSet payment(String routes, String... more) {
        return set(MESH, routes, more);
    }

    static DocumentSet set(String mesh, String routes, String... more) {
        String policy = """
                ---
                apiVersion: sallyport.dev/v1
                kind: RoutePolicy
                metadata: {name: payment}
                spec: {service: payment, routes: %s}
                """.formatted(routes);
        try {
            return WorkingTree.load(List.of(new Source("shop.yaml", mesh + policy + String.join("", more))), NOW)
                    .set();
        } catch (InvalidDocumentException invalid) {
            throw new IllegalArgumentException(invalid.problems().toString(), invalid);
        }
    }

    static String guardrail(String deny) {
        return """
                ---
                apiVersion: sallyport.dev/v1
                kind: Guardrail
                metadata: {name: rail}
                spec: {deny: %s}
                """.formatted(deny);
    }
}
