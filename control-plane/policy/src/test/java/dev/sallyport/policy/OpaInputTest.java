package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sallyport.identity.SpiffeId;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class OpaInputTest {
    private static final Mesh MESH = Shop.set("{refund: {match: GET /, allow: {a: {from: [web], user: none}}}}")
            .mesh();
    private static final GivenFacts REFUND = Facts.call("backoffice", "POST", "/charges/c-7/refunds");
    private static final User ALICE = new User(
            "shop",
            "alice",
            List.of("finance", "admin"),
            List.of("refund"),
            Map.of("staff", true, "level", 3L, "dept", "payments", "amr", List.of("pwd", "mfa")),
            Instant.ofEpochSecond(1_772_445_540),
            Facts.NOW.plusSeconds(60));

    private static Decision.Ask ask(String template, String... headers) {
        RoutePolicy.Match match = new RoutePolicy.Match.Http("POST", PathTemplate.parse(template));
        return new Decision.Ask(
                new OpaQuery("authz", "shop/payment/allow", Duration.ofMillis(50), new TreeSet<>(List.of(headers))),
                new RuleRef("payment", "refund", "finance"),
                new Decision.MatchedRoute("payment/refund", match, new Inputs(new TreeMap<>())));
    }

    private static String input(Decision.Ask ask, RequestFacts facts, boolean provesUser)
            throws RequestRejectedException {
        return new String(
                OpaInput.of(
                        ask, facts, provesUser ? Decision.Proof.OWN_TOKEN : Decision.Proof.NOWHERE, MESH, Facts.NOW),
                StandardCharsets.UTF_8);
    }

    @Test
    void inputIsTheFactsInOneOrder() throws Exception {
        GivenFacts facts = REFUND.as(ALICE)
                .at("payment")
                .asking("mode=full&x=%20")
                .with(Map.of(
                        "x-amount-cents", List.of("1999"),
                        "x-tenant", List.of("acme", "b\"c"),
                        "x-other", List.of("nobody asked for it")));

        assertThat(input(ask("/charges/{id}/refunds", "x-tenant", "x-amount-cents", "x-absent"), facts, true))
                .isEqualTo("""
                        {"input":{"caller":{"id":"spiffe://shop.example/sa/backoffice","service":"backoffice"},\
                        "user":{"issuer":"shop","sub":"alice","roles":["finance","admin"],"scopes":["refund"],\
                        "claims":{"amr":["pwd","mfa"],"dept":"payments","level":3,"staff":true},"iat":1772445540},\
                        "request":{"method":"POST","host":"payment","path":"/charges/c-7/refunds",\
                        "query":"mode=full&x=%20",\
                        "headers":{"x-amount-cents":["1999"],"x-tenant":["acme","b\\"c"]}},\
                        "path":{"id":"c-7"},"service":"payment","route":"payment/refund",\
                        "rule":"payment/refund/finance","time":"2026-03-02T10:00:00Z"}}""");
    }

    @Test
    void whatARequestDoesNotHaveIsAbsent() throws Exception {
        assertThat(input(ask("/**"), REFUND, true)).isEqualTo("""
                        {"input":{"caller":{"id":"spiffe://shop.example/sa/backoffice","service":"backoffice"},\
                        "request":{"method":"POST","host":"service","path":"/charges/c-7/refunds","headers":{}},\
                        "path":{},"service":"payment","route":"payment/refund",\
                        "rule":"payment/refund/finance","time":"2026-03-02T10:00:00Z"}}""");
    }

    @Test
    void userIsNamedOnlyWhenTheRuleProvesOne() throws Exception {
        Decision.Ask ask = ask("/**");

        assertThat(input(ask, REFUND.as(ALICE), true)).contains("\"user\":{\"issuer\":\"shop\",\"sub\":\"alice\"");
        assertThat(input(ask, REFUND.as(ALICE), false)).doesNotContain("user", "alice");
        assertThat(input(ask, REFUND.as(new UserFact.Bad(Reason.TOKEN_EXPIRED)), true))
                .doesNotContain("user");
    }

    @Test
    void carriedUserIsNamedWithTheServicesWhereHopTokensCount() throws Exception {
        Decision.Ask ask = ask("/**");
        GivenFacts facts = REFUND.as(Facts.carried(ALICE, List.of("web", "backoffice")));

        assertThat(new String(
                        OpaInput.of(ask, facts, Decision.Proof.OWN_OR_HOP_TOKEN, MESH, Facts.NOW),
                        StandardCharsets.UTF_8))
                .contains("\"sub\":\"alice\"", "\"via\":[\"web\",\"backoffice\"]}");
        assertThat(input(ask, facts, true)).doesNotContain("user", "alice");
        assertThat(input(ask, REFUND.as(ALICE), true)).doesNotContain("via");
    }

    @Test
    void tokenIsNotReadForARuleThatDoesNotLookAtIt() throws Exception {
        RequestFacts facts = new NoUserFacts(REFUND);

        assertThat(input(ask("/**"), facts, false)).doesNotContain("user");
    }

    @Test
    void callerThatTheMeshDoesNotDeclareHasNoServiceName() throws Exception {
        assertThat(input(ask("/**"), Facts.call("stranger", "GET", "/"), false))
                .contains("\"caller\":{\"id\":\"spiffe://shop.example/sa/stranger\"},");
        assertThat(input(ask("/**"), GivenFacts.of(Optional.empty(), "GET", "/"), false))
                .contains("\"caller\":{},");
    }

    @ParameterizedTest
    @CsvSource({
        "/charges/{id}/refunds, /charges/c%2D1/refunds, '{\"id\":\"c%2D1\"}'",
        "/{b}/{a}, /1/2, '{\"a\":\"2\",\"b\":\"1\"}'",
        "/files/{id}/**, /files/7/a/b, '{\"id\":\"7\"}'",
        "/files/**, /files/7, {}",
        "/, /, {}",
    })
    void variablesOfTheTemplateAreNamed(String template, String path, String expected) throws Exception {
        assertThat(input(ask(template), Facts.call("web", "POST", path), false))
                .contains(",\"path\":" + expected + ",\"service\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"authorization", "proxy-authorization", "cookie", "txn-token"})
    void credentialsAreNeverToldToAnybody(String header) {
        GivenFacts facts = REFUND.with(Map.of(header, List.of("secret")));

        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> input(ask("/**", header), facts, true))
                .withMessage("OPA input: header " + header + " (expected: one that carries no credentials)")
                .extracting(RequestRejectedException::reason)
                .isEqualTo(Reason.OPA_ERROR);
    }

    @Test
    void inputIsBounded() throws Exception {
        Decision.Ask ask = ask("/**", "x-big");
        int frame = input(ask, REFUND.with(Map.of("x-big", List.of(""))), false).length();
        String longest = "x".repeat(OpaInput.BYTES_MAX - frame);

        assertThat(input(ask, REFUND.with(Map.of("x-big", List.of(longest))), false))
                .hasSize(OpaInput.BYTES_MAX);
        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> input(ask, REFUND.with(Map.of("x-big", List.of(longest + "x"))), false))
                .withMessage("OPA input: 65537 bytes (expected: at most 65536)")
                .extracting(RequestRejectedException::reason)
                .isEqualTo(Reason.OPA_ERROR);
    }

    @Test
    void boundCountsBytesNotCharacters() {
        GivenFacts facts = REFUND.with(Map.of("x-big", List.of("é".repeat(OpaInput.BYTES_MAX / 2))));

        assertThatExceptionOfType(RequestRejectedException.class)
                .isThrownBy(() -> input(ask("/**", "x-big"), facts, false));
    }

    /** Facts of a request whose token nobody may read. */
    private record NoUserFacts(GivenFacts given) implements RequestFacts {
        @Override
        public Optional<SpiffeId> caller() {
            return given.caller();
        }

        @Override
        public String method() {
            return given.method();
        }

        @Override
        public String host() {
            return given.host();
        }

        @Override
        public String path() {
            return given.path();
        }

        @Override
        public Optional<String> query() {
            return given.query();
        }

        @Override
        public List<String> header(String name) {
            return given.header(name);
        }

        @Override
        public UserFact user() {
            throw new AssertionError("read");
        }
    }
}
