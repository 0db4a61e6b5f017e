package dev.sallyport.cli.testing;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.policy.DocumentSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A small valid set without warnings: who may charge and refund. */
public final class ShopDocuments {
    public static final String MESH = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              issuers:
                shop:
                  issuer: https://auth.shop.example
                  audiences: [shop-api]
                  algorithms: [ES256]
                  claims: {dept: string, amr: [string], vip: bool, age: int}
              services:
                backoffice: {identity: spiffe://shop.example/sa/backoffice}
                catalog: {identity: spiffe://shop.example/sa/catalog}
                orders: {identity: spiffe://shop.example/sa/orders}
                payment: {identity: spiffe://shop.example/sa/payment, ports: {8080: http}}
            """;

    public static final String PAYMENT = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: payment}
            spec:
              service: payment
              routes:
                charge: {match: POST /charges, allow: {orders: {from: [orders], user: {issuer: shop, anyRole: [customer]}}}}
                refund:
                  match: "POST /charges/{id}/refunds"
                  allow:
                    boss: {from: [backoffice], user: {issuer: shop, subject: carol}}
                    finance: {from: [backoffice], user: {issuer: shop, claims: {dept: payments}}}
                health: {match: GET /health, allow: {mesh: {from: any-mesh, user: none}}}
            """;

    /** {@link #MESH} in which orders vouches for users, and the department travels. */
    public static final String VOUCHED =
            MESH.replace("age: int}\n", "age: int}\n      verifiedBy: [orders]\n      propagate: [dept]\n");

    /** {@link #PAYMENT} where backoffice may refund for a user whom orders has verified. */
    public static final String CARRIED = PAYMENT.replace(
                    "claims: {dept: payments}}", "claims: {dept: payments}, via: {from: [orders], maxHops: 2}}")
            .replace("subject: carol}", "subject: carol, via: {from: [orders], maxHops: 2}}");

    private ShopDocuments() {}

    public static Path write(Path folder) throws IOException {
        return write(folder, PAYMENT);
    }

    public static Path write(Path folder, String payment) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("mesh.yaml"), MESH);
        Files.writeString(folder.resolve("payment.yaml"), payment);
        return folder;
    }

    public static DocumentSet load(String payment) {
        return load(MESH, payment);
    }

    public static DocumentSet load(String mesh, String payment) {
        try {
            return DocumentSet.load(List.of(new Source("mesh.yaml", mesh), new Source("payment.yaml", payment)));
        } catch (InvalidDocumentException e) {
            throw new AssertionError(e);
        }
    }
}
