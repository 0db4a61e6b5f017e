package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.document.HostPort;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.policy.FieldCondition.Kind;
import dev.sallyport.policy.Guardrail.Denial;
import dev.sallyport.policy.Mesh.OpaAddress;
import dev.sallyport.policy.Mesh.OpaTarget;
import dev.sallyport.policy.Mesh.PortKind;
import dev.sallyport.policy.RoutePolicy.AuditMode;
import dev.sallyport.policy.RoutePolicy.Limit;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.Recording;
import dev.sallyport.policy.RoutePolicy.Route;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every key of the language, and the value that it becomes. */
class LanguageTest {
    static final String EVERYTHING = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              mode: observe
              until: 2027-06-30T12:00:00Z
              opa:
                local: {address: "127.0.0.1:8181"}
                six: {address: "[::1]:8181", concurrency: 1}
                socket: {address: "unix:/run/opa.sock"}
                far: {service: opa, port: 8181, concurrency: 64}
              issuers:
                shop: {issuer: https://auth.shop.example, audiences: [shop-api], algorithms: [ES256], maxTokenAge: 1h,
                       claims: {dept: string, amr: [string]}}
                staff: {issuer: https://staff.shop.example, audiences: [shop-api], algorithms: [ES256], types: [AT+JWT, jwt],
                        maxStale: 36h, privateAddresses: [10.20.0.0/16, "fd00::1"], claims: {unit: string, level: int},
                        tokenHeader: X-Access-Token, verifiedBy: [web, orders], propagate: [level]}
              services:
                web: {identity: spiffe://shop.example/ns/edge/sa/web}
                orders: {identity: spiffe://shop.example/ns/shop/sa/orders}
                opa: {identity: spiffe://shop.example/ns/ops/sa/opa, ports: {8181: http}}
                payment: {identity: spiffe://shop.example/ns/shop/sa/payment, ports: {8080: http, 9090: grpc, 5432: tcp},
                          relax: {8080: {encodedSlash: data, emptySegments: data, matrixParameters: data},
                                  9090: {overrideHeaders: [x-original-url, x-forwarded-prefix]}},
                          paths: {case: sensitive, trailingSlash: significant}}
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: payment, annotations: {sallyport.dev/owner: team-pay}}
            spec:
              service: payment
              routes:
                charge:
                  match: "POST /charges/{id}"
                  hosts: [pay.shop.example, pay]
                  headers: {x-tenant: acme}
                  query: {mode: [full, brief]}
                  limit: {rate: 50/s, per: user}
                  audit: required
                  mode: observe
                  until: 2027-03-31
                  record: {header.x-amount-cents: clear, query.mode: keyed, path.id: no}
                  allow:
                    orders:
                      from: ["spiffe://shop.example/ns/*/sa/orders", "spiffe://shop.example/ns/edge/**"]
                      user: {issuer: shop, maxTokenAge: 5m}
                      headers: {x-amount-cents: ["1", "2"]}
                      query: {a: b}
                      when: "int(request.headers['x-amount-cents']) <= 500000"
                      opa: {target: local, path: shop/payment/allow, timeout: 20ms, headers: [x-amount-cents]}
                      expires: 2027-03-31
                      mode: dryRun
                      forwardToken: true
                unary: {match: ["grpc pay.v1.Payments/Charge", "grpc pay.v1.Refunds/{method}"], allow: {all: {from: any-mesh, user: none}}}
                database: {match: tcp 5432, limit: {rate: 5/m, burst: 9, per: caller}, allow: {orders: {from: orders, user: none}}}
                read: {match: GET /charges, audit: overlapped, limit: {rate: 100/h, per: route}, allow: {web: {from: web, user: required, opa: {target: far, path: a}}}}
                report:
                  match: GET /report
                  allow:
                    carried: {from: orders, user: {issuer: staff, claims: {level: "3"}, via: {from: [web, opa], maxHops: 3}}}
                    passed: {from: web, user: none, forwardUnverified: true}
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: payment-next}
            spec:
              service: payment
              mode: dryRun
              routes: {all: {match: GET /**, allow: {web: {from: web, user: optional}}}}
            ---
            apiVersion: sallyport.dev/v1
            kind: Guardrail
            metadata: {name: card-data, annotations: {sallyport.dev/owner: security}}
            spec:
              mode: dryRun
              deny:
                callers: {to: [payment], unlessFrom: [orders, web]}
                admin:
                  to: any-mesh
                  match: [/admin/**, POST /x]
                  from: ["spiffe://shop.example/ns/edge/sa/web"]
                  when: "request.method == 'GET'"
                  unlessUser: {issuer: staff, allRoles: [admin], via: {from: orders, maxHops: 1}}
                  unlessHeaders: {x-break-glass: "yes"}
                  unlessQuery: {reason: [incident]}
                  unlessWhen: "'mfa' in user.claims.amr"
                known: {to: [payment], unlessUser: required}
            ---
            apiVersion: sallyport.dev/v1
            kind: PolicyTest
            metadata: {name: payment}
            spec: {whatever: is read elsewhere}
            """;

    private final DocumentSet set = load(EVERYTHING);

    @Test
    void meshSaysWhoExistsAndWhomRulesMayAsk() {
        Mesh mesh = set.mesh();

        assertThat(mesh.observeUntil()).contains(Instant.parse("2027-06-30T12:00:00Z"));
        assertThat(the(mesh.services(), "payment").ports())
                .isEqualTo(Map.of(8080, PortKind.HTTP, 9090, PortKind.GRPC, 5432, PortKind.TCP));
        assertThat(the(mesh.issuers(), "shop").maxTokenAge()).contains(Duration.ofHours(1));
        assertThat(mesh.opa())
                .isEqualTo(Map.of(
                        "local", new OpaTarget("local", new OpaAddress.Loopback(new HostPort("127.0.0.1", 8181)), 16),
                        "six", new OpaTarget("six", new OpaAddress.Loopback(new HostPort("::1", 8181)), 1),
                        "socket", new OpaTarget("socket", new OpaAddress.UnixSocket("/run/opa.sock"), 16),
                        "far", new OpaTarget("far", new OpaAddress.InMesh("opa", 8181), 64)));
    }

    @Test
    void issuerSaysWhichTokensCountWhereKeysComeFromAndWhoVouchesForItsUsers() {
        Mesh.Issuer staff = the(set.mesh().issuers(), "staff");
        Mesh.Issuer shop = the(set.mesh().issuers(), "shop");

        assertThat(staff.types()).containsExactly("at+jwt", "jwt");
        assertThat(staff.keys().maxStale()).isEqualTo(Duration.ofHours(36));
        assertThat(staff.keys().privateAddresses())
                .extracting(AddressRange::toString)
                .containsExactly("10.20.0.0/16", "fd00:0:0:0:0:0:0:1/128");
        assertThat(staff.tokenHeader()).contains("x-access-token");
        assertThat(staff.hopTokens())
                .isEqualTo(new Mesh.HopTokens(new TreeSet<>(Set.of("orders", "web")), new TreeSet<>(Set.of("level"))));
        assertThat(shop.types()).isEmpty();
        assertThat(shop.keys()).isEqualTo(new Mesh.KeySource(Optional.empty(), Duration.ofHours(24), List.of()));
        assertThat(shop.tokenHeader()).isEmpty();
        assertThat(shop.hopTokens()).isEqualTo(Mesh.HopTokens.NONE);
    }

    @Test
    void userSaysWhoMayHaveCarriedOne() {
        UserRequirement carried = the(route("report").allow(), "carried").user();

        assertThat(carried)
                .isEqualTo(new UserRequirement.Conditions(
                        "staff",
                        Optional.empty(),
                        Set.of(),
                        Set.of(),
                        Set.of(),
                        Map.of("level", "3"),
                        Optional.empty(),
                        Optional.of(new RoutePolicy.Via(new TreeSet<>(Set.of("opa", "web")), 3))));
        assertThat(the(route("report").allow(), "passed").forwardUnverified()).isTrue();
        assertThat(the(route("read").allow(), "web").forwardUnverified()).isFalse();
    }

    /** Each of the keys that say something of users and their tokens changes the set, and its digest. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "types: [AT+JWT, jwt] | types: [at+jwt]",
                "maxStale: 36h | maxStale: 35h",
                "10.20.0.0/16 | 10.20.0.0/15",
                "tokenHeader: X-Access-Token, | ``",
                "verifiedBy: [web, orders] | verifiedBy: [web, orders, opa]",
                "propagate: [level] | propagate: [level, unit]",
                "maxHops: 3 | maxHops: 4",
                "from: [web, opa], maxHops | from: [web], maxHops",
                ", via: {from: [web, opa], maxHops: 3} | ``",
                "user: none, forwardUnverified: true | user: none",
                ", via: {from: orders, maxHops: 1} | ``"
            })
    void everyKeyOfUsersChangesTheDigestAndIsReadBack(String right, String other) throws InvalidDocumentException {
        assertThat(EVERYTHING).contains(right);
        DocumentSet changed = Checked.of(load(EVERYTHING.replace(right, other)));

        assertThat(changed.digest()).isNotEqualTo(Checked.of(set).digest());
        assertThat(DocumentSet.ofJson(changed.toJson())).isEqualTo(changed);
    }

    @Test
    void whatIsTheDefaultAnywayLeavesTheDigestAsItIs() {
        DocumentSet said = load(EVERYTHING
                .replace("algorithms: [ES256], maxTokenAge", "algorithms: [ES256], maxStale: 24h, maxTokenAge")
                .replace("forwardToken: true", "forwardToken: true\n          forwardUnverified: false"));

        assertThat(said).isEqualTo(set);
        assertThat(said.digest()).isEqualTo(set.digest());
    }

    @Test
    void serviceSaysWhatItsPortsRelaxAndHowItReadsPaths() {
        Mesh.Service payment = the(set.mesh().services(), "payment");

        assertThat(payment.relaxed(8080)).isEqualTo(new Relaxations(true, true, true, Set.of()));
        assertThat(payment.relaxed(9090))
                .isEqualTo(new Relaxations(false, false, false, Set.of("x-forwarded-prefix", "x-original-url")));
        assertThat(payment.relaxed(5432)).isEqualTo(Relaxations.NONE);
        assertThat(payment.relaxed(1)).isEqualTo(Relaxations.NONE);
        assertThat(payment.paths()).isEqualTo(new Paths(true, true));
        assertThat(the(set.mesh().services(), "web").paths()).isEqualTo(Paths.LOOSEST);
        assertThat(the(set.mesh().services(), "web").relax()).isEmpty();
    }

    /** What is declared as it is read anyway leaves no trace: the set and its digest are the same. */
    @Test
    void loosestReadingIsTheOneThatIsNotDeclared() {
        DocumentSet declared = load(EVERYTHING.replace(
                "paths: {case: sensitive, trailingSlash: significant}",
                "paths: {case: insensitive, trailingSlash: ignored}"));
        DocumentSet half = load(EVERYTHING.replace("case: sensitive, trailing", "trailing"));

        assertThat(the(declared.mesh().services(), "payment").paths()).isEqualTo(Paths.LOOSEST);
        assertThat(declared.toJson()).doesNotContain("insensitive");
        assertThat(the(half.mesh().services(), "payment").paths()).isEqualTo(new Paths(false, true));
    }

    @Test
    void routeSaysWhatItAnswersToAndWhatIsKept() {
        Route charge = route("charge");

        assertThat(charge.matches()).containsExactly(new Match.Http("POST", PathTemplate.parse("/charges/{id}")));
        assertThat(charge.hosts()).containsExactly("pay", "pay.shop.example");
        assertThat(charge.fields())
                .containsExactly(field(Kind.HEADER, "x-tenant", "acme"), field(Kind.QUERY, "mode", "brief", "full"));
        assertThat(charge.limit()).contains(new Limit(50, Duration.ofSeconds(1), 50, Limit.Per.USER));
        assertThat(charge.audit()).isEqualTo(AuditMode.REQUIRED);
        assertThat(charge.observeUntil()).contains(Instant.parse("2027-03-31T00:00:00Z"));
        assertThat(charge.record())
                .isEqualTo(Map.of(
                        "header.x-amount-cents",
                        Recording.CLEAR,
                        "query.mode",
                        Recording.KEYED,
                        "path.id",
                        Recording.NO));
        assertThat(route("database").limit()).contains(new Limit(5, Duration.ofMinutes(1), 9, Limit.Per.CALLER));
        assertThat(route("read").limit()).contains(new Limit(100, Duration.ofHours(1), 100, Limit.Per.ROUTE));
        assertThat(route("read").audit()).isEqualTo(AuditMode.OVERLAPPED);
        assertThat(route("unary").audit()).isEqualTo(AuditMode.BUFFERED);
    }

    @Test
    void matchesAreOfThreeKinds() {
        assertThat(route("unary").matches())
                .containsExactly(
                        new Match.Grpc(PathTemplate.parse("/pay.v1.Payments/Charge")),
                        new Match.Grpc(PathTemplate.parse("/pay.v1.Refunds/{method}")))
                .allMatch(Match::mutating);
        assertThat(route("database").matches()).containsExactly(new Match.Tcp(5432));
    }

    @Test
    void ruleSaysEverythingThatMustHold() {
        Rule rule = the(route("charge").allow(), "orders");

        assertThat(rule.from().identities())
                .containsExactlyInAnyOrder(
                        Facts.id("spiffe://shop.example/ns/edge/sa/web"),
                        Facts.id("spiffe://shop.example/ns/shop/sa/orders"));
        assertThat(rule.user())
                .isEqualTo(new UserRequirement.Conditions(
                        "shop",
                        Optional.empty(),
                        Set.of(),
                        Set.of(),
                        Set.of(),
                        Map.of(),
                        Optional.of(Duration.ofMinutes(5))));
        assertThat(rule.fields())
                .containsExactly(field(Kind.HEADER, "x-amount-cents", "1", "2"), field(Kind.QUERY, "a", "b"));
        assertThat(rule.when())
                .contains(new When("int(request.headers['x-amount-cents']) <= 500000", Optional.empty()));
        assertThat(rule.opa())
                .contains(new OpaQuery(
                        "local", "shop/payment/allow", Duration.ofMillis(20), new TreeSet<>(Set.of("x-amount-cents"))));
        assertThat(rule.expires()).contains(Instant.parse("2027-03-31T00:00:00Z"));
        assertThat(rule.dryRun()).isTrue();
        assertThat(rule.forwardToken()).isTrue();
        assertThat(the(route("read").allow(), "web").opa())
                .contains(new OpaQuery("far", "a", Duration.ofMillis(50), new TreeSet<>()));
    }

    @Test
    void candidateStandsBesideTheLivePolicy() {
        assertThat(the(set.policies(), "payment").candidate()).isFalse();
        assertThat(the(set.candidates(), "payment").candidate()).isTrue();
        assertThat(the(set.candidates(), "payment").name()).isEqualTo("payment-next");
    }

    @Test
    void guardrailSaysWhatIsDeniedAndUnlessWhat() {
        Guardrail guardrail = the(set.guardrails(), "card-data");
        Denial admin = the(guardrail.deny(), "admin");

        assertThat(guardrail.owner()).contains("security");
        assertThat(guardrail.dryRun()).isTrue();
        assertThat(admin.to().includes("web")).isTrue();
        assertThat(admin.matches()).extracting(Object::toString).containsExactly("/admin/**", "POST /x");
        assertThat(admin.from().orElseThrow().identities())
                .containsExactly(Facts.id("spiffe://shop.example/ns/edge/sa/web"));
        assertThat(admin.when()).isPresent();
        assertThat(admin.unlessUser().orElseThrow()).isInstanceOf(UserRequirement.Conditions.class);
        assertThat(admin.unlessFields())
                .containsExactly(field(Kind.HEADER, "x-break-glass", "yes"), field(Kind.QUERY, "reason", "incident"));
        assertThat(admin.unlessWhen()).isPresent();
        assertThat(the(guardrail.deny(), "known").unlessUser()).contains(new UserRequirement.Required());
        assertThat(the(guardrail.deny(), "callers").to().includes("web")).isFalse();
        assertThat(the(guardrail.deny(), "callers").from()).isEmpty();
    }

    @Test
    void everythingIsReadBackFromItsCanonicalForm() throws InvalidDocumentException {
        DocumentSet checked = Checked.of(set);

        DocumentSet back = DocumentSet.ofJson(checked.toJson());

        assertThat(back).isEqualTo(checked);
        assertThat(back.toJson()).isEqualTo(checked.toJson());
        assertThat(back.digest()).isEqualTo(checked.digest()).isNotEqualTo(set.digest());
    }

    private static <T> T the(Map<String, T> named, String name) {
        return Optional.ofNullable(named.get(name)).orElseThrow();
    }

    private Route route(String name) {
        return the(the(set.policies(), "payment").routes(), name);
    }

    private static FieldCondition field(Kind kind, String name, String... values) {
        return new FieldCondition(kind, name, new TreeSet<>(List.of(values)));
    }

    private static DocumentSet load(String text) {
        try {
            return DocumentSet.load(List.of(new Source("shop.yaml", text)));
        } catch (InvalidDocumentException invalid) {
            throw new IllegalArgumentException(invalid);
        }
    }
}
