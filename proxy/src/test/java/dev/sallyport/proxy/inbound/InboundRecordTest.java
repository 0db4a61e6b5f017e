package dev.sallyport.proxy.inbound;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.audit.WordKey;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Decision.MatchedRoute;
import dev.sallyport.policy.Inputs;
import dev.sallyport.policy.OpaAnswer;
import dev.sallyport.policy.OpaQuery;
import dev.sallyport.policy.PathTemplate;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RoutePolicy.AuditMode;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.Recording;
import dev.sallyport.policy.RuleRef;
import dev.sallyport.proxy.exchange.Pseudonyms;
import dev.sallyport.proxy.opa.OpaResult;
import dev.sallyport.proxy.token.TokenResult;
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

/** What made-up decisions leave on record. */
class InboundRecordTest {
    private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
    private static final RuleRef RULE = new RuleRef("payment", "charge", "orders");

    private final AuditRecord record = new AuditRecord("ID", NOW, AuditRecord.Direction.INBOUND);
    private static final WordKey KEY = new WordKey(0, new byte[32]);
    private final Pseudonyms pseudonyms = new Pseudonyms(() -> KEY, false);
    private final TestHead headers = new TestHead();
    private Optional<String> query = Optional.empty();

    private HeadFacts facts() throws Exception {
        return new HeadFacts(
                Optional.of(SpiffeId.parse("spiffe://shop.example/ns/shop/sa/orders")),
                new CanonicalRequest("POST", "payment", "/charges/c1/of/alice", query),
                headers.head(),
                new OwnToken(() -> TokenResult.ABSENT));
    }

    private static Optional<MatchedRoute> route(Map<String, Recording> inputs) {
        Match match = new Match.Http("POST", PathTemplate.parse("/charges/{id}/of/{user}"));
        return Optional.of(new MatchedRoute("payment/charge", match, new Inputs(new TreeMap<>(inputs))));
    }

    private static Decision.Allow allow(Optional<MatchedRoute> route, Optional<Decision.Deny> observed) {
        return new Decision.Allow(
                observed.isPresent() ? Optional.empty() : Optional.of(RULE),
                route,
                Decision.Proof.NOWHERE,
                Decision.Forwarding.NOTHING,
                Optional.empty(),
                AuditMode.BUFFERED,
                observed);
    }

    private void decided(Decision decision, HeadFacts facts) {
        InboundRecord.decided(record, facts, pseudonyms, decision);
    }

    private void allowed(Map<String, Recording> inputs) throws Exception {
        decided(allow(route(inputs), Optional.empty()), facts());
    }

    @Test
    void inputsAppearAsTheirPolicySays() throws Exception {
        headers.add("x-amount", "1999")
                .add("X-Amount", "7")
                .add("x-tenant", "acme")
                .add("x-secret", "s");
        query = Optional.of("a=1&mode=full&b=2&mode=h%61lf&modes=no&mode");
        allowed(Map.of(
                "header.x-amount", Recording.CLEAR,
                "header.x-absent", Recording.CLEAR,
                "header.x-tenant", Recording.KEYED,
                "header.x-secret", Recording.NO,
                "query.mode", Recording.CLEAR,
                "query.a", Recording.KEYED));
        assertThat(record.inputs)
                .containsExactly(
                        entry("header.x-absent", List.of()),
                        entry("header.x-amount", List.of("1999", "7")),
                        entry("query.mode", List.of("full", "h%61lf", "")));
        assertThat(record.keyedInputs)
                .containsExactly(
                        entry("header.x-tenant", List.of(pseudonyms.of("acme"))),
                        entry("query.a", List.of(pseudonyms.of("1"))));
    }

    @Test
    void nothingIsRecordedThatNoRuleReads() throws Exception {
        headers.add("x-amount", "1999");
        query = Optional.of("mode=full");
        allowed(Map.of());
        assertThat(record.inputs).isNull();
        assertThat(record.keyedInputs).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"authorization", "proxy-authorization", "cookie", "set-cookie", "txn-token"})
    void credentialsAreNeverRecordedWhateverThePolicySays(String name) throws Exception {
        headers.add(name, "secret");
        for (Recording recording : Recording.values()) {
            allowed(Map.of("header." + name, recording));
            assertThat(record.inputs).isNull();
            assertThat(record.keyedInputs).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource({"CLEAR, /charges/c1/of/", "NO, /charges/-/of/", "KEYED, /charges/k-"})
    void pathVariableIsKeyedUnlessThePolicySaysOtherwise(Recording recording, String expected) throws Exception {
        allowed(Map.of("path.id", recording));
        assertThat(record.path).startsWith(expected).endsWith("/of/" + pseudonyms.of("alice"));
        assertThat(record.template).isEqualTo("/charges/{id}/of/{user}");
        allowed(Map.of());
        assertThat(record.path).isEqualTo("/charges/" + pseudonyms.of("c1") + "/of/" + pseudonyms.of("alice"));
    }

    @Test
    void pathThatMatchedNoTemplateIsNotRecorded() throws Exception {
        decided(new Decision.Deny(Reason.NO_ROUTE, Optional.empty(), Optional.empty(), Optional.empty()), facts());
        assertThat(record.path).isNull();
        assertThat(record.route).isNull();
    }

    @Test
    void observedDenialIsAnAllowThatNamesWhatItWouldHaveBeen() throws Exception {
        Decision.Deny denial =
                new Decision.Deny(Reason.ROLE_MISSING, route(Map.of()), Optional.of(RULE), Optional.empty());
        decided(allow(route(Map.of()), Optional.of(denial)), facts());
        assertThat(record.verdict).isEqualTo(Verdict.ALLOW);
        assertThat(record.reason).isEqualTo("allowed");
        assertThat(record.rule).isNull();
        assertThat(record.observed).isEqualTo("role_missing");
        assertThat(record.nearestRule).isEqualTo("payment/charge/orders");
    }

    @Test
    void allowByARuleIsNotObserved() throws Exception {
        allowed(Map.of());
        assertThat(record.rule).isEqualTo("payment/charge/orders");
        assertThat(record.observed).isNull();
    }

    @Test
    void answersOfOpaStandByTheirQuestions() throws Exception {
        HeadFacts facts = facts();
        facts.answered(query("shop/a"), new OpaResult(OpaAnswer.FALSE, "undefined", Duration.ZERO));
        decided(allow(route(Map.of()), Optional.empty()), facts);
        assertThat(record.opa).containsExactly(entry("main/shop/a", "false"));
        assertThat(record.opaDetail).isEqualTo("undefined");
        facts.answered(query("shop/b"), new OpaResult(OpaAnswer.TRUE, "true", Duration.ZERO));
        decided(allow(route(Map.of()), Optional.empty()), facts);
        assertThat(record.opa).containsExactly(entry("main/shop/a", "false"), entry("main/shop/b", "true"));
        assertThat(record.opaDetail).as("of the last answer").isNull();
    }

    private static OpaQuery query(String path) {
        return new OpaQuery("main", path, Duration.ofMillis(50), new TreeSet<>());
    }
}
