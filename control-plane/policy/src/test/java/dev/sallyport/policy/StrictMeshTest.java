package dev.sallyport.policy;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StrictMeshTest {
    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of(
                        "mode: observe\n  until: 2027-06-30T12:00:00Z",
                        "mode: dryRun",
                        "SP0013 spec.mode: dryRun (expected: enforce | observe)"),
                Arguments.of(
                        "mode: observe\n  until: 2027-06-30T12:00:00Z",
                        "mode: observe",
                        "shop.yaml:5:3: SP0011 spec.until: missing (expected: the date"),
                Arguments.of("mode: observe\n  until", "until", "SP0013 spec.until: without mode: observe"),
                Arguments.of(
                        "2027-06-30T12:00:00Z",
                        "2027-06-30T12:00",
                        "SP0013 spec.until: 2027-06-30T12:00 (expected: a date or an instant in UTC, as 2027-03-31"),
                Arguments.of("2027-06-30T12:00:00Z", "90d", "SP0013 spec.until"),
                Arguments.of(
                        "maxTokenAge: 1h",
                        "maxTokenAge: 25h",
                        "SP0013 spec.issuers.shop.maxTokenAge: 25h (expected: 1s..1d"),
                Arguments.of("maxTokenAge: 1h", "maxTokenAge: 0s", "SP0013"),
                Arguments.of("maxTokenAge: 1h", "maxTokenAge: 1h30m", "SP0013"),
                Arguments.of(
                        "dept: string",
                        "d\u0435pt: string",
                        "SP0404 spec.issuers.shop.claims.d\\u{435}pt: d\\u{435}pt (expected: a claim"),
                Arguments.of(
                        "9090: grpc",
                        "9090: udp",
                        "SP0502 spec.services.payment.ports: 9090: udp (expected: http, grpc or tcp)"),
                Arguments.of("8080: http, 9090", "8080: http, 08080: http, 9090", "SP0502"),
                // what a port relaxes: by a declared port, by name, as data
                Arguments.of(
                        "relax: {8080: {",
                        "relax: {8081: {",
                        "SP0505 spec.services.payment.relax.8081: 8081: no port of this service (expected: one of [5432, 8080, 9090])"),
                Arguments.of(
                        "relax: {8080: {", "relax: {all: {", "SP0505 spec.services.payment.relax.all: all: no port"),
                Arguments.of(
                        "9090: {overrideHeaders",
                        "5432: {overrideHeaders",
                        "SP0505 spec.services.payment.relax.5432: 5432: carries no requests (expected: a port of kind http or grpc)"),
                Arguments.of(
                        "9090: {overrideHeaders: [x-original-url, x-forwarded-prefix]}",
                        "9090: {}",
                        "SP0011 spec.services.payment.relax.9090.encodedSlash: missing (expected: encodedSlash, emptySegments, matrixParameters or overrideHeaders)"),
                Arguments.of(
                        "9090: {overrideHeaders: [x-original-url, x-forwarded-prefix]}",
                        "9090: data",
                        "SP0012 spec.services.payment.relax.9090: a text (expected: a mapping"),
                Arguments.of(
                        "9090: {overrideHeaders: [x-original-url, x-forwarded-prefix]}",
                        "9090: {all: data}",
                        "SP0010 spec.services.payment.relax.9090.all: unknown"),
                Arguments.of(
                        "9090: {overrideHeaders: [x-original-url, x-forwarded-prefix]}",
                        "9090: {dotSegments: data}",
                        "SP0010 spec.services.payment.relax.9090.dotSegments: unknown"),
                Arguments.of(
                        "encodedSlash: data",
                        "encodedSlash: true",
                        "SP0013 spec.services.payment.relax.8080.encodedSlash: true (expected: data)"),
                Arguments.of("emptySegments: data", "emptySegments: merge", "SP0013"),
                Arguments.of("encodedSlash: data", "encodedSlashes: data", "SP0010"),
                Arguments.of(
                        "overrideHeaders: [x-original-url",
                        "overrideHeaders: [x-origin-url",
                        "SP0505 spec.services.payment.relax.9090.overrideHeaders[0]: x-origin-url: passes already, or is no header (did you mean x-original-url?)"),
                Arguments.of(
                        "overrideHeaders: [x-original-url",
                        "overrideHeaders: [x-request-id",
                        "(expected: one that overrides"),
                Arguments.of("overrideHeaders: [x-original-url", "overrideHeaders: [X-Original-URL", "SP0505"),
                Arguments.of("overrideHeaders: [x-original-url", "overrideHeaders: [x_original_url", "SP0505"),
                Arguments.of(
                        "overrideHeaders: [x-original-url, x-forwarded-prefix]",
                        "overrideHeaders: []",
                        "overrideHeaders"),
                // how a service reads paths
                Arguments.of(
                        "case: sensitive",
                        "case: any",
                        "SP0013 spec.services.payment.paths.case: any (expected: insensitive | sensitive)"),
                Arguments.of("trailingSlash: significant", "trailingSlash: redirect", "SP0013"),
                Arguments.of("trailingSlash: significant", "trailingslash: significant", "SP0010"),
                Arguments.of(
                        "paths: {case: sensitive, trailingSlash: significant}",
                        "paths: {}",
                        "SP0011 spec.services.payment.paths.case: missing (expected: case or trailingSlash)"),
                Arguments.of("paths: {case: sensitive, trailingSlash: significant}", "paths: loose", "SP0012"),
                // OPA: on this host, or in the mesh
                Arguments.of(
                        "\"127.0.0.1:8181\"",
                        "\"10.0.0.1:8181\"",
                        "SP0503 spec.opa.local.address: 10.0.0.1:8181 (expected: unix:/run/opa.sock, 127.0.0.1:8181 or [::1]:8181"),
                Arguments.of("\"127.0.0.1:8181\"", "\"localhost:8181\"", "SP0503"),
                Arguments.of("\"127.0.0.1:8181\"", "\"http://127.0.0.1:8181\"", "SP0503"),
                Arguments.of("\"127.0.0.1:8181\"", "\"127.0.0.1:0\"", "SP0503"),
                Arguments.of("\"127.0.0.1:8181\"", "\"127.1:8181\"", "SP0503"),
                Arguments.of("\"[::1]:8181\"", "\"[::ffff:127.0.0.1]:8181\"", "SP0503"),
                Arguments.of("unix:/run/opa.sock", "unix:run/opa.sock", "SP0503"),
                Arguments.of("unix:/run/opa.sock", "unix:/run/../etc/opa.sock", "SP0503"),
                Arguments.of("unix:/run/opa.sock", "unix:/run//opa.sock", "SP0503"),
                Arguments.of("unix:/run/opa.sock", "unix:/" + "a".repeat(107), "SP0503"),
                Arguments.of(
                        "{service: opa, port: 8181",
                        "{service: opaa, port: 8181",
                        "SP0101 spec.opa.far.service: opaa: unknown (did you mean opa?)"),
                Arguments.of("{service: opa, port: 8181", "{service: opa", "SP0011 spec.opa.far.port: missing"),
                Arguments.of(
                        "{service: opa, port: 8181",
                        "{service: opa, port: 8182",
                        "SP0503 spec.opa.far.port: 8182: no http port of opa (expected: of [8181], one of kind http)"),
                Arguments.of("{service: opa, port: 8181", "{service: payment, port: 9090", "SP0503"),
                Arguments.of(
                        "{service: opa, port: 8181",
                        "{service: opa, address: '127.0.0.1:8181', port: 8181",
                        "SP0503 spec.opa.far.address: beside service"),
                Arguments.of(
                        "concurrency: 64", "concurrency: 0", "SP0013 spec.opa.far.concurrency: 0 (expected: 1..1024)"),
                Arguments.of(
                        "concurrency: 64",
                        "concurency: 64",
                        "SP0010 spec.opa.far.concurency: unknown (did you mean concurrency?)"),
                Arguments.of("six: {address", "Six: {address", "SP0105"),
                // which tokens count, whose keys, whose word
                Arguments.of(
                        "[AT+JWT, jwt]",
                        "[JWT, JWE]",
                        "SP0013 spec.issuers.staff.types[1]: JWE (expected: of jwt, at+jwt)"),
                Arguments.of("[AT+JWT, jwt]", "[]", "SP0012 spec.issuers.staff.types"),
                Arguments.of(
                        "maxStale: 36h", "maxStale: 9s", "SP0013 spec.issuers.staff.maxStale: 9s (expected: 10s..30d"),
                Arguments.of("maxStale: 36h", "maxStale: 31d", "SP0013"),
                Arguments.of("maxStale: 36h", "maxStale: 0s", "SP0013"),
                Arguments.of(
                        "10.20.0.0/16",
                        "10.20.0.1/16",
                        "SP0013 spec.issuers.staff.privateAddresses[0]: 10.20.0.1/16 (expected: an address or a range without further bits: 10.20.0.0/16)"),
                Arguments.of("10.20.0.0/16", "keys.shop.example", "SP0013"),
                Arguments.of("10.20.0.0/16", "10.20", "SP0013"),
                Arguments.of(
                        "tokenHeader: X-Access-Token",
                        "tokenHeader: X-Forwarded-Access-Token",
                        "SP0307 spec.issuers.staff.tokenHeader: x-forwarded-access-token (expected: a header of its own, as x-access-token"),
                Arguments.of("tokenHeader: X-Access-Token", "tokenHeader: Authorization", "SP0307"),
                Arguments.of("tokenHeader: X-Access-Token", "tokenHeader: Cookie", "SP0307"),
                Arguments.of("tokenHeader: X-Access-Token", "tokenHeader: Txn-Token", "SP0307"),
                Arguments.of("tokenHeader: X-Access-Token", "tokenHeader: X-Sallyport-User", "SP0307"),
                Arguments.of("tokenHeader: X-Access-Token", "tokenHeader: X-Original-URL", "SP0307"),
                Arguments.of("tokenHeader: X-Access-Token", "tokenHeader: x_access_token", "SP0307"),
                Arguments.of("tokenHeader: X-Access-Token", "tokenHeader: \"x-access token\"", "SP0307"),
                Arguments.of("tokenHeader: X-Access-Token", "tokenHeader: [a, b]", "SP0012"),
                Arguments.of(
                        "verifiedBy: [web, orders]",
                        "verifiedBy: [web, ordres, orders]",
                        "SP0101 spec.issuers.staff.verifiedBy[1]: ordres: unknown (did you mean orders?)"),
                Arguments.of("verifiedBy: [web, orders]", "verifiedBy: [any-mesh, web, orders]", "SP0101"),
                Arguments.of(
                        "propagate: [level]",
                        "propagate: [level, mail]",
                        "SP0103 spec.issuers.staff.propagate[1]: mail: not declared (expected: one of [level, unit], under claims)"),
                Arguments.of("propagate: [level]", "propagate: [level, sub]", "SP0103"),
                Arguments.of(
                        "name: shop}",
                        "name: shop, annotations: {sallyport.dev/owner: t\u0435am}}",
                        "SP0105 metadata.annotations.sallyport.dev/owner: t\\u{435}am (expected: printable ASCII"));
    }

    @ParameterizedTest(name = "{1}: {2}")
    @MethodSource("mistakes")
    void mistakeInAMeshIsOneProblem(String right, String wrong, String expected) {
        Mistakes.check(right, wrong, expected);
    }
}
