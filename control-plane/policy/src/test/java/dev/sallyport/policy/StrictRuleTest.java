package dev.sallyport.policy;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StrictRuleTest {
    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of(
                        "spiffe://shop.example/ns/edge/**",
                        "spiffe://shop.example/ns/edg/**",
                        "SP0206 spec.routes.charge.allow.orders.from[1]: spiffe://shop.example/ns/edg/**: no service of the Mesh has such an identity"),
                Arguments.of(
                        "spiffe://shop.example/ns/edge/**",
                        "spiffe://other.example/ns/edge/**",
                        "SP0202 spec.routes.charge.allow.orders.from[1]: spiffe://other.example/ns/edge/**: of another trust domain (expected: spiffe://shop.example/…)"),
                Arguments.of(
                        "spiffe://shop.example/ns/edge/**",
                        "spiffe://*/ns/edge/**",
                        "SP0207 spec.routes.charge.allow.orders.from[1]: spiffe://*/ns/edge/** (expected: a trust domain by its name"),
                Arguments.of(
                        "spiffe://shop.example/ns/edge/**",
                        "spiffe://shop.example/**/web",
                        "SP0207 spec.routes.charge.allow.orders.from[1]: spiffe://shop.example/**/web (expected: ** as the last segment only"),
                Arguments.of(
                        "spiffe://shop.example/ns/edge/**",
                        "spiffe://shop.example/ns/edge/sa/w*",
                        "SP0207 spec.routes.charge.allow.orders.from[1]: spiffe://shop.example/ns/edge/sa/w* (expected: * for one whole segment"),
                Arguments.of("spiffe://shop.example/ns/edge/**", "spiffe://shop.example/ns/edge/***", "SP0207"),
                Arguments.of("spiffe://shop.example/ns/edge/**", "spiffe://shop.example/ns//**", "SP0201"),
                Arguments.of("spiffe://shop.example/ns/edge/**", "spiffe://shop.example/ns/(edge|shop)/**", "SP0201"),
                Arguments.of("spiffe://shop.example/ns/edge/**", "spiffe://shop.example/ns/[a-z]/*", "SP0201"),
                Arguments.of("spiffe://shop.example/ns/edge/**", "spiffe://shop.example/ns/edge/.*", "SP0207"),
                Arguments.of("spiffe://shop.example/ns/edge/**", "spiffe://shop.example**", "SP0207"),
                Arguments.of("spiffe://shop.example/ns/edge/**", "spiffe:/shop.example/*", "SP0201"),
                Arguments.of("spiffe://shop.example/ns/edge/**", "SPIFFE://shop.example/ns/edge/**", "SP0101"),
                Arguments.of(
                        "from: web, user: required",
                        "from: '*', user: required",
                        "SP0101 spec.routes.read.allow.web.from: * (expected: any-mesh)"),
                Arguments.of(
                        "from: web, user: required",
                        "from: 10.0.0.0/33, user: required",
                        "SP0101 spec.routes.read.allow.web.from: 10.0.0.0/33 (expected: a service by name; an address proves nothing"),
                Arguments.of(
                        "from: web, user: required",
                        "from: '::ffff:10.0.0.0/104', user: required",
                        "an address proves nothing"),
                Arguments.of(
                        "from: web, user: required", "from: 'fd00::/8', user: required", "an address proves nothing"),
                Arguments.of(
                        "from: web, user: required", "from: 127.0.0.1, user: required", "an address proves nothing"),
                Arguments.of(
                        "from: web, user: required",
                        "from: '^web$', user: required",
                        "no regular expression is ever matched"),
                Arguments.of(
                        "from: web, user: required",
                        "from: '(a+)+$', user: required",
                        "no regular expression is ever matched"),
                Arguments.of(
                        "from: web, user: required",
                        "from: 'w*', user: required",
                        "SP0101 spec.routes.read.allow.web.from: w* (expected: a service by name, spiffe://trust.domain/ns/*/sa/** for several"),
                Arguments.of(
                        "from: web, user: required",
                        "from: shop.example/ns/edge/sa/web, user: required",
                        "SP0101 spec.routes.read.allow.web.from: shop.example/ns/edge/sa/web (expected: a service by name, or a whole SPIFFE ID"),
                Arguments.of(
                        "from: web, user: required",
                        "from: w\u0435b, user: required",
                        "SP0101 spec.routes.read.allow.web.from: w\\u{435}b: unknown (did you mean web?)"),
                Arguments.of("from: web, user: required", "from: plaintext, user: required", "SP0101"),
                Arguments.of(
                        "maxTokenAge: 5m",
                        "maxTokenAge: 61m",
                        "SP0407 spec.routes.charge.allow.orders.user.maxTokenAge: 3660s: more than the issuer's own (expected: at most 3600s)"),
                Arguments.of("maxTokenAge: 5m", "maxTokenAge: 25h", "SP0013"),
                Arguments.of("maxTokenAge: 5m", "maxTokenAge: 5", "SP0013"),
                Arguments.of("maxTokenAge: 5m", "subject: \"a\\tb\"", "SP0312"),
                Arguments.of(
                        "maxTokenAge: 5m",
                        "anyRole: [\"adm\\u00ADin\"]",
                        "SP0312 spec.routes.charge.allow.orders.user.anyRole[0]: adm\\u{ad}in"),
                Arguments.of("maxTokenAge: 5m", "claims: {dept: \"\\u2066x\"}", "SP0312"),
                Arguments.of("maxTokenAge: 5m", "allRoles: {}", "SP0012"),
                Arguments.of(
                        "x-amount-cents: [\"1\", \"2\"]",
                        "x-tenant: other",
                        "SP0314 spec.routes.charge.allow.orders.headers: x-tenant: none of the values that the route asks for"),
                Arguments.of(
                        "query: {a: b}", "query: {mode: none}", "SP0314 spec.routes.charge.allow.orders.query: mode"),
                Arguments.of(
                        "\"int(request.headers['x-amount-cents']) <= 500000\"",
                        "{source: 'true'}",
                        "SP0012 spec.routes.charge.allow.orders.when: a mapping (expected: a text)"),
                Arguments.of("\"int(request.headers['x-amount-cents']) <= 500000\"", "[a, b]", "SP0012"),
                Arguments.of(
                        "target: local",
                        "target: locale",
                        "SP0107 spec.routes.charge.allow.orders.opa.target: locale: unknown (did you mean local?)"),
                Arguments.of(
                        "path: shop/payment/allow",
                        "path: /shop/payment/allow",
                        "SP0504 spec.routes.charge.allow.orders.opa.path: /shop/payment/allow (expected: names of letters"),
                Arguments.of("path: shop/payment/allow", "path: shop/../allow", "SP0504"),
                Arguments.of("path: shop/payment/allow", "path: 'shop/allow?pretty'", "SP0504"),
                Arguments.of("path: shop/payment/allow", "path: shop.payment.allow", "SP0504"),
                Arguments.of("path: shop/payment/allow", "path: " + "a".repeat(257), "SP0504"),
                Arguments.of("path: shop/payment/allow, ", "", "SP0011"),
                Arguments.of(
                        "timeout: 20ms",
                        "timeout: 2s",
                        "SP0013 spec.routes.charge.allow.orders.opa.timeout: 2s (expected: 1ms..1s"),
                Arguments.of("timeout: 20ms", "timeout: 0ms", "SP0013"),
                Arguments.of(
                        "headers: [x-amount-cents]",
                        "headers: [Authorization]",
                        "SP0307 spec.routes.charge.allow.orders.opa.headers[0]: Authorization: carries an identity"),
                Arguments.of("headers: [x-amount-cents]", "headers: [X-Amount]", "SP0307"),
                Arguments.of("headers: [x-amount-cents]", "headers: []", "SP0012"),
                Arguments.of(
                        "headers: [x-amount-cents]",
                        "header: [x-amount-cents]",
                        "SP0010 spec.routes.charge.allow.orders.opa.header: unknown (did you mean headers?)"),
                Arguments.of(
                        "expires: 2027-03-31", "expires: 2027-03-32", "SP0013 spec.routes.charge.allow.orders.expires"),
                Arguments.of("expires: 2027-03-31", "expires: never", "SP0013"),
                Arguments.of("expires: 2027-03-31", "expires:", "SP0012"),
                Arguments.of(
                        "mode: dryRun\n          forwardToken",
                        "mode: observe\n          forwardToken",
                        "SP0013 spec.routes.charge.allow.orders.mode: observe (expected: enforce | dryRun)"),
                Arguments.of("mode: dryRun\n          forwardToken", "not: [web]\n          forwardToken", "SP0010"),
                Arguments.of("mode: dryRun\n          forwardToken", "via: x\n          forwardToken", "SP0014"),
                // who may have carried a user
                Arguments.of(
                        "from: [web, opa], maxHops",
                        "from: [], maxHops",
                        "SP0012 spec.routes.report.allow.carried.user.via.from"),
                Arguments.of(
                        "from: [web, opa], maxHops",
                        "maxHops",
                        "SP0011 spec.routes.report.allow.carried.user.via.from"),
                Arguments.of(
                        "from: [web, opa], maxHops",
                        "from: [web, oppa], maxHops",
                        "SP0101 spec.routes.report.allow.carried.user.via.from[1]: oppa: unknown (did you mean opa?)"),
                Arguments.of("from: [web, opa], maxHops", "from: any-mesh, maxHops", "SP0101"),
                Arguments.of(
                        "from: [web, opa], maxHops",
                        "from: [opa, payment], maxHops",
                        "SP0408 spec.routes.report.allow.carried.user.via.from: [opa, payment]: none of them verifies users of staff (expected: one of [orders, web], as issuers.staff.verifiedBy has them)"),
                Arguments.of(
                        "maxHops: 3",
                        "maxHops: 0",
                        "SP0013 spec.routes.report.allow.carried.user.via.maxHops: 0 (expected: 1..8"),
                Arguments.of("maxHops: 3", "maxHops: 9", "SP0013"),
                Arguments.of("maxHops: 3", "maxHops: two", "SP0013"),
                Arguments.of(
                        ", maxHops: 3",
                        "",
                        "SP0011 spec.routes.report.allow.carried.user.via.maxHops: missing (expected: 1..8: services that carry the user, the caller among them)"),
                Arguments.of(
                        "maxHops: 3",
                        "maxHops: 3, hops: 1",
                        "SP0010 spec.routes.report.allow.carried.user.via.hops: unknown"),
                Arguments.of("via: {from: [web, opa], maxHops: 3}", "via: [web, opa]", "SP0012"),
                Arguments.of(
                        "claims: {level: \"3\"}, via",
                        "claims: {unit: pay}, via",
                        "SP0408 spec.routes.report.allow.carried.user.claims: unit: does not travel with a hop token (expected: one of [level], or list it under issuers.staff.propagate)"),
                Arguments.of("claims: {level: \"3\"}, via", "claims: {lvl: \"3\"}, via", "SP0103"),
                Arguments.of(
                        "user: {issuer: staff, claims: {level: \"3\"}",
                        "user: {issuer: shop",
                        "SP0408 spec.routes.report.allow.carried.user.via.from: [opa, web]: none of them verifies users of shop (expected: services that issuers.shop.verifiedBy names, and it names none)"),
                // a token that goes on as it is
                Arguments.of(
                        "user: none, forwardUnverified: true",
                        "user: optional, forwardUnverified: true",
                        "SP0408 spec.routes.report.allow.passed.forwardUnverified: true, and the rule looks at the user (expected: user: none"),
                Arguments.of("forwardUnverified: true", "forwardUnverified: all", "SP0013"),
                Arguments.of(
                        "allow: {orders: {from: orders, user: none}}",
                        "allow: {orders: {from: orders, user: none, forwardUnverified: true}}",
                        "spec.routes.database.allow.orders.forwardUnverified"),
                // headers with tokens are read by nobody else
                Arguments.of(
                        "headers: {x-amount-cents: [\"1\", \"2\"]}",
                        "headers: {x-access-token: a}",
                        "SP0307 spec.routes.charge.allow.orders.headers: x-access-token: carries an identity, or what proves one"),
                Arguments.of(
                        "headers: [x-amount-cents]",
                        "headers: [x-access-token]",
                        "SP0307 spec.routes.charge.allow.orders.opa.headers[0]: x-access-token: carries an identity"));
    }

    @ParameterizedTest(name = "{1}: {2}")
    @MethodSource("mistakes")
    void mistakeInARuleIsOneProblem(String right, String wrong, String expected) {
        Mistakes.check(right, wrong, expected);
    }
}
