package dev.sallyport.policy;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import java.util.List;

/** A mesh for tests, and policies of its {@code payment}. */
final class Shop {
    static final String MESH = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              issuers:
                shop: {issuer: https://auth.shop.example, audiences: [shop-api], algorithms: [ES256],
                       claims: {dept: string, amr: [string], staff: bool, level: int}}
                staff: {issuer: https://staff.shop.example, audiences: [shop-api], algorithms: [ES256]}
              services:
                web: {identity: spiffe://shop.example/sa/web}
                orders: {identity: spiffe://shop.example/sa/orders}
                backoffice: {identity: spiffe://shop.example/sa/backoffice}
                payment: {identity: spiffe://shop.example/sa/payment, ports: {8080: http}}
            """;

    private Shop() {}

    /** A RoutePolicy of payment with these routes, in YAML flow form. */
    static String policy(String routes) {
        return """
                ---
                apiVersion: sallyport.dev/v1
                kind: RoutePolicy
                metadata: {name: payment}
                spec:
                  service: payment
                  routes: %s
                """.formatted(routes);
    }

    static DocumentSet set(String routes) {
        try {
            return DocumentSet.load(List.of(new Source("shop.yaml", MESH + policy(routes))));
        } catch (InvalidDocumentException invalid) {
            throw new IllegalArgumentException(invalid);
        }
    }

    static PolicySet payment(String routes) {
        return PolicySet.compile(set(routes), "payment");
    }

    /** One route, {@code POST /charges}, with these rules. */
    static PolicySet rules(String rules) {
        return payment("{charge: {match: POST /charges, allow: " + rules + "}}");
    }
}
