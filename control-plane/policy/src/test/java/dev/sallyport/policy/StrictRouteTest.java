package dev.sallyport.policy;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class StrictRouteTest {
    static Stream<Arguments> mistakes() {
        return Stream.of(
                Arguments.of(
                        "hosts: [pay.shop.example, pay]",
                        "hosts: ['*.shop.example']",
                        "SP0208 spec.routes.charge.hosts[0]: *.shop.example (expected: a whole host name in lower case"),
                Arguments.of("hosts: [pay.shop.example, pay]", "hosts: [Pay]", "SP0208"),
                Arguments.of("hosts: [pay.shop.example, pay]", "hosts: ['pay:443']", "SP0208"),
                Arguments.of("hosts: [pay.shop.example, pay]", "hosts: [pay.]", "SP0208"),
                Arguments.of("hosts: [pay.shop.example, pay]", "hosts: ['^pay$']", "SP0208"),
                Arguments.of("hosts: [pay.shop.example, pay]", "hosts: ['[::1]']", "SP0208"),
                Arguments.of(
                        "hosts: [pay.shop.example, pay]",
                        "hosts: []",
                        "SP0012 spec.routes.charge.hosts: an empty list"),
                Arguments.of("headers: {x-tenant: acme}", "headers: {}", "SP0012 spec.routes.charge.headers: empty"),
                Arguments.of(
                        "headers: {x-tenant: acme}",
                        "headers: {x-tenant: []}",
                        "SP0012 spec.routes.charge.headers.x-tenant: an empty list"),
                Arguments.of(
                        "headers: {x-tenant: acme}",
                        "headers: {X-Tenant: acme}",
                        "SP0307 spec.routes.charge.headers: X-Tenant (expected: lower case, x-tenant)"),
                Arguments.of("headers: {x-tenant: acme}", "headers: {'x tenant': acme}", "SP0307"),
                Arguments.of("headers: {x-tenant: acme}", "headers: {':authority': acme}", "SP0307"),
                Arguments.of(
                        "headers: {x-tenant: acme}",
                        "headers: {host: acme}",
                        "SP0307 spec.routes.charge.headers: host (expected: hosts"),
                Arguments.of(
                        "headers: {x-tenant: acme}",
                        "headers: {authorization: acme}",
                        "SP0307 spec.routes.charge.headers: authorization: carries an identity"),
                Arguments.of("headers: {x-tenant: acme}", "headers: {Cookie: acme}", "SP0307"),
                Arguments.of("headers: {x-tenant: acme}", "headers: {proxy-authorization: acme}", "SP0307"),
                Arguments.of("headers: {x-tenant: acme}", "headers: {x-sallyport-user: acme}", "SP0307"),
                Arguments.of("headers: {x-tenant: acme}", "headers: {x-forwarded-client-cert: acme}", "SP0307"),
                Arguments.of("headers: {x-tenant: acme}", "headers: {txn-token: acme}", "SP0307"),
                Arguments.of("headers: {x-tenant: acme}", "headers: {txn_token: acme}", "SP0307"),
                Arguments.of("headers: {x-tenant: acme}", "headers: {txn.token: acme}", "SP0307"),
                Arguments.of("headers: {x-tenant: acme}", "headers: {x_sallyport_via: acme}", "SP0307"),
                Arguments.of("headers: {x-tenant: acme}", "headers: {x_forwarded_client_cert: acme}", "SP0307"),
                Arguments.of("headers: {x-tenant: acme}", "headers: {proxy_authorization: acme}", "SP0307"),
                Arguments.of(
                        "headers: {x-tenant: acme}",
                        "headers: {x-tenant: \u0430cme}",
                        "SP0308 spec.routes.charge.headers.x-tenant: \\u{430}cme (expected: printable ASCII"),
                Arguments.of("headers: {x-tenant: acme}", "headers: {x-tenant: ' acme'}", "SP0308"),
                Arguments.of("headers: {x-tenant: acme}", "headers: {x-tenant: {a: b}}", "SP0012"),
                Arguments.of(
                        "query: {mode: [full, brief]}",
                        "query: {'m de': a}",
                        "SP0307 spec.routes.charge.query: m de (expected: a parameter's name"),
                Arguments.of(
                        "query: {mode: [full, brief]}",
                        "query: {mode: \"a\\u200Bb\"}",
                        "SP0312 spec.routes.charge.query.mode: a\\u{200b}b (expected: no character that cannot be seen)"),
                Arguments.of(
                        "rate: 50/s",
                        "rate: 50",
                        "SP0013 spec.routes.charge.limit.rate: 50 (expected: 1..1000000 requests per s, m or h, as 50/s)"),
                Arguments.of("rate: 50/s", "rate: 0/s", "SP0013"),
                Arguments.of("rate: 50/s", "rate: 050/s", "SP0013"),
                Arguments.of("rate: 50/s", "rate: -5/s", "SP0013"),
                Arguments.of("rate: 50/s", "rate: 1.5/s", "SP0013"),
                Arguments.of("rate: 50/s", "rate: 50/d", "SP0013"),
                Arguments.of("rate: 50/s", "rate: 50/10s", "SP0013"),
                Arguments.of("rate: 50/s", "rate: 50 /s", "SP0013"),
                Arguments.of("rate: 50/s", "rate: 1000001/s", "SP0013"),
                Arguments.of("rate: 50/s", "rate: \u0665/s", "SP0013"),
                Arguments.of("rate: 50/s, ", "", "SP0011 spec.routes.charge.limit.rate: missing"),
                Arguments.of(
                        "rate: 50/s",
                        "rate: 50/s, burst: 0",
                        "SP0013 spec.routes.charge.limit.burst: 0 (expected: 1..1000000)"),
                Arguments.of(
                        "rate: 50/s, per: user",
                        "rate: 50/s",
                        "SP0011 spec.routes.charge.limit.per: missing (expected: caller | user | route)"),
                Arguments.of("rate: 50/s, per: user", "rate: 50/s, per: ip", "SP0013"),
                Arguments.of(
                        "per: route}, allow: {web: {from: web, user: required",
                        "per: user}, allow: {web: {from: web, user: optional",
                        "SP0310 spec.routes.read.limit: per: user, and rule web proves none"),
                Arguments.of(
                        "per: route}, allow: {web: {from: web, user: required",
                        "per: user}, allow: {web: {from: web, user: none",
                        "SP0310"),
                Arguments.of(
                        "audit: required",
                        "audit: sync",
                        "SP0013 spec.routes.charge.audit: sync (expected: buffered | overlapped | required)"),
                Arguments.of(
                        "audit: required",
                        "audit: overlapped",
                        "SP0311 spec.routes.charge.audit: overlapped, and POST /charges/{id} asks for a change"),
                Arguments.of("method}\"], allow", "method}\"], audit: overlapped, allow", "SP0311"),
                Arguments.of(
                        "mode: observe\n      until: 2027-03-31",
                        "mode: dryRun",
                        "SP0013 spec.routes.charge.mode: dryRun (expected: enforce | observe)"),
                Arguments.of(
                        "mode: observe\n      until: 2027-03-31", "mode: observe", "SP0011 spec.routes.charge.until"),
                Arguments.of(
                        "mode: observe\n      until: 2027-03-31",
                        "until: 2027-03-31",
                        "SP0013 spec.routes.charge.until: without mode: observe"),
                Arguments.of(
                        "header.x-amount-cents: clear",
                        "x-amount-cents: clear",
                        "SP0309 spec.routes.charge.record: x-amount-cents (expected: header.NAME, query.NAME or path.NAME)"),
                Arguments.of(
                        "header.x-amount-cents: clear",
                        "header.authorization: clear",
                        "SP0309 spec.routes.charge.record: authorization: carries an identity"),
                Arguments.of("header.x-amount-cents: clear", "header.cookie: keyed", "SP0309"),
                Arguments.of(
                        "header.x-amount-cents: clear",
                        "header.x-amount-cents: plain",
                        "SP0013 spec.routes.charge.record: header.x-amount-cents: plain (expected: clear | keyed | no)"),
                Arguments.of(
                        "path.id: no",
                        "path.ids: no",
                        "SP0309 spec.routes.charge.record: path.ids (expected: a variable of a match, as path.id for {id})"),
                Arguments.of("path.id: no", "body.id: no", "SP0309"),
                Arguments.of(
                        "record: {header.x-amount-cents: clear, query.mode: keyed, path.id: no}",
                        "record: {}",
                        "SP0012"),
                // matches
                Arguments.of(
                        "\"POST /charges/{id}\"",
                        "['POST /charges/{id}', grpc a.B/C]",
                        "SP0304 spec.routes.charge.match[1]: grpc a.B/C beside POST /charges/{id} (expected: HTTP, grpc or tcp matches in one route"),
                Arguments.of(
                        "grpc pay.v1.Payments/Charge",
                        "grpc /pay.v1.Payments/Charge",
                        "SP0301 spec.routes.unary.match[0]: grpc /pay.v1.Payments/Charge (expected: grpc package.Service/Method"),
                Arguments.of("grpc pay.v1.Payments/Charge", "grpc pay.v1.Payments", "SP0301"),
                Arguments.of("grpc pay.v1.Payments/Charge", "grpc pay.v1.Payments/*", "SP0301"),
                Arguments.of("grpc pay.v1.Payments/Charge", "grpc pay.*/Charge", "SP0301"),
                Arguments.of("grpc pay.v1.Payments/Charge", "grpc pay..Payments/Charge", "SP0301"),
                Arguments.of("grpc pay.v1.Payments/Charge", "grpc pay.v1.Payments/Charge/x", "SP0301"),
                Arguments.of(
                        "grpc pay.v1.Payments/Charge",
                        "grpc pay.v1.P\u0430yments/Charge",
                        "SP0301 spec.routes.unary.match[0]: grpc pay.v1.P\\u{430}yments/Charge"),
                Arguments.of("grpc pay.v1.Payments/Charge", "grpc pay.v1.Refunds/{m}", "SP0302"),
                Arguments.of("grpc pay.v1.Payments/Charge", "POST /pay.v1.Refunds/Charge", "SP0304"),
                Arguments.of(
                        "tcp 5432",
                        "tcp 5433",
                        "SP0305 spec.routes.database.match: tcp 5433: the service declares no such port (expected: a port that its ports say is tcp, in the Mesh)"),
                Arguments.of("tcp 5432", "tcp 8080", "SP0305"),
                Arguments.of(
                        "tcp 5432",
                        "tcp 0",
                        "SP0301 spec.routes.database.match: tcp 0 (expected: tcp and a port of 1..65535"),
                Arguments.of("tcp 5432", "tcp postgres", "SP0301"),
                Arguments.of("tcp 5432", "tcp", "SP0301"),
                Arguments.of(
                        "tcp 5432",
                        "[tcp 5432, tcp 5432]",
                        "SP0302 spec.routes.database.match[1]: tcp 5432 of route database cannot be told apart"),
                Arguments.of(
                        "GET /charges,",
                        "GET /(a+)+$,",
                        "SP0301 spec.routes.read.match: GET /(a+)+$ (expected: a path with {name} for one segment, or /** as the last one; no regular expression is ever matched)"),
                Arguments.of("GET /charges,", "'GET ^/charges$',", "SP0301"),
                Arguments.of("GET /charges,", "'GET /charges/[0-9]+',", "SP0301"),
                Arguments.of("GET /charges,", "'GET /charges/\\d+',", "SP0301"),
                Arguments.of("GET /charges,", "'GET /charges/.*',", "SP0301"),
                Arguments.of(
                        "GET /charges,",
                        "'GET /charges/*',",
                        "SP0301 spec.routes.read.match: GET /charges/* (expected: {name} for one segment"),
                Arguments.of("GET /charges,", "'GET /**/x',", "SP0301"),
                Arguments.of("GET /charges,", "'GET http://pay/charges',", "SP0301"),
                Arguments.of("GET /charges,", "'GET /charges?mode=full',", "SP0301"),
                Arguments.of("GET /charges,", "'GET,POST /charges',", "SP0301"),
                Arguments.of("GET /charges,", "'get /charges',", "SP0301"),
                // a tcp route knows its caller and nothing else
                Arguments.of(
                        "match: tcp 5432,",
                        "match: tcp 5432, hosts: [pay],",
                        "SP0306 spec.routes.database.hosts: on a tcp route, where there is no request to ask"),
                Arguments.of("match: tcp 5432,", "match: tcp 5432, headers: {a: b},", "SP0306"),
                Arguments.of("match: tcp 5432,", "match: tcp 5432, query: {a: b},", "SP0306"),
                Arguments.of("match: tcp 5432,", "match: tcp 5432, record: {query.a: no},", "SP0306"),
                Arguments.of("match: tcp 5432,", "match: tcp 5432, audit: overlapped,", "SP0311"),
                Arguments.of(
                        "orders: {from: orders, user: none}}}\n",
                        "orders: {from: orders, user: optional}}}\n",
                        "SP0306 spec.routes.database.allow.orders.user"),
                Arguments.of(
                        "orders: {from: orders, user: none}}}\n",
                        "orders: {from: orders, user: none, headers: {a: b}}}}\n",
                        "SP0306"),
                Arguments.of(
                        "orders: {from: orders, user: none}}}\n",
                        "orders: {from: orders, user: none, query: {a: b}}}}\n",
                        "SP0306"),
                Arguments.of(
                        "orders: {from: orders, user: none}}}\n",
                        "orders: {from: orders, user: none, when: 'true'}}}\n",
                        "SP0306"),
                Arguments.of(
                        "orders: {from: orders, user: none}}}\n",
                        "orders: {from: orders, user: none, opa: {target: local, path: a}}}}\n",
                        "SP0306"),
                Arguments.of(
                        "orders: {from: orders, user: none}}}\n",
                        "orders: {from: orders, user: none, forwardToken: true}}}\n",
                        "SP0306"),
                Arguments.of("rate: 5/m, burst: 9, per: caller", "rate: 5/m, burst: 9, per: user", "SP0310"),
                // candidates
                Arguments.of(
                        "routes: {all: {match: GET /**",
                        "routes: {all: {mode: observe, until: 2027-03-31, match: GET /**",
                        "SP0013 spec.routes.all.mode: observe in a policy of mode: dryRun"),
                Arguments.of(
                        "mode: dryRun\n  routes",
                        "mode: dryRun\n  until: 2027-03-31\n  routes",
                        "SP0013 spec.until: without mode: observe"),
                Arguments.of(
                        "mode: dryRun\n  routes",
                        "mode: enforce\n  routes",
                        "SP0104 spec.service: payment: a second RoutePolicy of this service"),
                Arguments.of(
                        "name: payment-next",
                        "name: payment",
                        "SP0104 metadata.name: payment: a second RoutePolicy of this name"));
    }

    @ParameterizedTest(name = "{1}: {2}")
    @MethodSource("mistakes")
    void mistakeInARouteIsOneProblem(String right, String wrong, String expected) {
        Mistakes.check(right, wrong, expected);
    }
}
