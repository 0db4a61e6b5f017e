package dev.sallyport.authoring.tests;

import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Problem;
import dev.sallyport.document.Source;
import java.time.Instant;
import java.util.List;

/** A small mesh with policies of every kind, and tests beside it. */
final class Documents {
    static final Instant NOW = Instant.parse("2026-03-02T10:00:00Z");

    static final String MESH = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              issuers:
                shop: {issuer: https://auth.shop.example, audiences: [shop-api], algorithms: [ES256], claims: {dept: string, amr: [string], vip: bool, age: int}}
              opa: {local: {address: "127.0.0.1:8181"}}
              services:
                web: {identity: spiffe://shop.example/sa/web}
                orders: {identity: spiffe://shop.example/sa/orders}
                backoffice: {identity: spiffe://shop.example/sa/backoffice}
                payment: {identity: spiffe://shop.example/sa/payment, ports: {8080: http, 5432: tcp}}
                catalog: {identity: spiffe://shop.example/sa/catalog, ports: {8080: http, 8081: http, 5432: tcp},
                          relax: {8080: {encodedSlash: data, overrideHeaders: [x-forwarded-prefix]}}}
            """;

    static final String PAYMENT = """
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: payment}
            spec:
              service: payment
              routes:
                charge:
                  match: POST /charges
                  allow:
                    orders: {from: [orders], user: {issuer: shop, anyRole: [customer], maxTokenAge: 5m}}
                batch: {match: POST /batches, allow: {bulk: {from: [orders], user: none, query: {mode: bulk}, headers: {x-tenant: acme}}}}
                refund:
                  match: "POST /charges/{id}/refunds"
                  allow:
                    finance: {from: [backoffice], user: {issuer: shop, allRoles: [finance], claims: {dept: payments}}}
                    care: {from: [backoffice], user: {issuer: shop, anyRole: [support]}, mode: dryRun}
                risky:
                  match: POST /payouts
                  allow:
                    opa: {from: [backoffice], user: required, opa: {target: local, path: shop/payout}}
                ledger: {match: tcp 5432, allow: {backoffice: {from: [backoffice], user: none}}}
            """;

    static final String CARD_DATA = """
            apiVersion: sallyport.dev/v1
            kind: Guardrail
            metadata: {name: card-data}
            spec:
              deny:
                strangers: {to: [payment], unlessFrom: [orders, backoffice]}
            """;

    /** Ends where cases begin. */
    static final String TEST = """
            apiVersion: sallyport.dev/v1
            kind: PolicyTest
            metadata: {name: payment}
            spec:
              now: 2026-03-02T10:00:00Z
              users:
                alice: {issuer: shop, sub: alice, roles: [customer]}
                fay: {issuer: shop, roles: [finance], claims: {dept: payments, amr: [pwd, mfa], vip: true, age: 42}}
                sue: {issuer: shop, roles: [support]}
                aged: {issuer: shop, roles: [customer], iat: -6m, exp: +30m}
                young: {issuer: shop, roles: [customer], iat: -4m, exp: +30m}
                ended: {issuer: shop, roles: [customer], iat: 2026-03-01, exp: 2026-03-02T09:59:00Z}
            """;

    private Documents() {}

    /** {@code spec}: the lines of a test named payment, beside its users; indented by two. */
    static WorkingTree tree(String spec) {
        return tree(spec, MESH, PAYMENT, CARD_DATA);
    }

    static WorkingTree tree(String spec, String... set) {
        try {
            return WorkingTree.load(sources(TEST + spec.indent(2), set), NOW);
        } catch (InvalidDocumentException invalid) {
            throw new AssertionError(invalid.getMessage(), invalid);
        }
    }

    /** {@code tests.yaml:14:5: SP0902 spec.…: …}. */
    static List<String> problems(String spec) {
        return problems(spec, MESH, PAYMENT, CARD_DATA);
    }

    static List<String> problems(String spec, String... set) {
        return problemsOf(TEST + spec.indent(2), set);
    }

    /** Of a whole test document, beside the set. */
    static List<String> problemsOf(String test) {
        return problemsOf(test, MESH, PAYMENT, CARD_DATA);
    }

    private static List<String> problemsOf(String test, String... set) {
        try {
            WorkingTree.load(sources(test, set), NOW);
            return List.of();
        } catch (InvalidDocumentException invalid) {
            return invalid.problems().stream().map(Problem::toString).toList();
        }
    }

    static TestReport run(String spec) {
        return run(tree(spec));
    }

    static TestReport run(WorkingTree tree) {
        return PolicyTests.run(tree.set(), tree.tests(), NOW, _ -> true);
    }

    /** {@code name: what was not as expected}, of each that failed. */
    static List<String> failures(TestReport report) {
        return report.failed().stream()
                .map(result -> result.name() + ": "
                        + result.differences().stream()
                                .map(Object::toString)
                                .collect(java.util.stream.Collectors.joining("; ")))
                .toList();
    }

    private static List<Source> sources(String test, String... set) {
        return List.of(new Source("set.yaml", String.join("---\n", set)), new Source("tests.yaml", test));
    }
}
