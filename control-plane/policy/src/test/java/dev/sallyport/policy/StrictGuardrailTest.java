package dev.sallyport.policy;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StrictGuardrailTest {
    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of("to: any-mesh", "to: '*'", "SP0101"),
                Arguments.of(
                        "to: any-mesh", "to: [any-mesh, web]", "SP0013 spec.deny.admin.to: any-mesh beside others"),
                Arguments.of("to: any-mesh", "to: []", "SP0012"),
                Arguments.of("      to: any-mesh\n", "", "SP0011 spec.deny.admin.to: missing"),
                Arguments.of(
                        "known: {to: [payment]",
                        "known: {to: [paymnt]",
                        "SP0101 spec.deny.known.to[0]: paymnt: unknown (did you mean payment?)"),
                Arguments.of(
                        "match: [/admin/**, POST /x]",
                        "match: [admin]",
                        "SP0301 spec.deny.admin.match[0]: admin (expected: a path that begins with /"),
                Arguments.of(
                        "match: [/admin/**, POST /x]",
                        "match: ['* /admin']",
                        "SP0301 spec.deny.admin.match[0]: * /admin (expected: /path/** or METHOD /path/**"),
                Arguments.of(
                        "match: [/admin/**, POST /x]", "match: ['/admin.*']", "no regular expression is ever matched"),
                Arguments.of("match: [/admin/**, POST /x]", "match: ['/admin/**/x']", "SP0301"),
                Arguments.of("match: [/admin/**, POST /x]", "match: []", "SP0012"),
                Arguments.of(
                        "unlessUser: required",
                        "unlessUser: optional",
                        "SP0406 spec.deny.known.unlessUser: optional (expected: required | {issuer"),
                Arguments.of("unlessUser: required", "unlessUser: none", "SP0406"),
                Arguments.of("unlessUser: required", "unlessUser: [x]", "SP0406 spec.deny.known.unlessUser: a list"),
                Arguments.of("unlessUser: required", "unlessUser: {issuer: shpo}", "SP0102"),
                Arguments.of(
                        "via: {from: orders, maxHops: 1}",
                        "via: {from: payment, maxHops: 1}",
                        "SP0408 spec.deny.admin.unlessUser.via.from: [payment]: none of them verifies users of staff"),
                Arguments.of("via: {from: orders, maxHops: 1}", "via: {from: orders}", "SP0011"),
                Arguments.of("unlessHeaders: {x-break-glass: \"yes\"}", "unlessHeaders: {x-access-token: a}", "SP0307"),
                Arguments.of("unlessUser: required", "unless: {user: required}", "SP0010"),
                Arguments.of("unlessFrom: [orders, web]", "unlessFrom: []", "SP0012"),
                Arguments.of("unlessFrom: [orders, web]", "unlessFrom: [ordres]", "SP0101"),
                Arguments.of("unlessFrom: [orders, web]", "unlessFrom: ['spiffe://shop.example/x/*']", "SP0206"),
                Arguments.of(
                        "unlessHeaders: {x-break-glass: \"yes\"}", "unlessHeaders: {x-sallyport-user: fay}", "SP0307"),
                Arguments.of("unlessQuery: {reason: [incident]}", "unlessQuery: {}", "SP0012"),
                Arguments.of("unlessWhen: \"'mfa' in user.claims.amr\"", "unlessWhen: ''", "SP0012"),
                Arguments.of(
                        "metadata: {name: card-data, annotations: {sallyport.dev/owner: security}}\nspec:\n  mode: dryRun",
                        "metadata: {name: card-data}\nspec:\n  mode: observe",
                        "SP0013 spec.mode: observe (expected: enforce | dryRun)"),
                Arguments.of("callers: {to: [payment], unlessFrom: [orders, web]}", "callers: {}", "SP0011"),
                Arguments.of("callers:", "Callers:", "SP0105"),
                Arguments.of(
                        "kind: PolicyTest\nmetadata: {name: payment}",
                        "kind: PolicyTest\nmetadata: {name: Payment}",
                        "SP0105"));
    }

    @ParameterizedTest(name = "{1}: {2}")
    @MethodSource("mistakes")
    void mistakeInAGuardrailIsOneProblem(String right, String wrong, String expected) {
        Mistakes.check(right, wrong, expected);
    }
}
