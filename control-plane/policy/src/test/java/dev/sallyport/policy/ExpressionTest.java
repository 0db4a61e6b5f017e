package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.policy.Expression.Outcome;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpressionTest {
    private static final TestExpressionFacts FACTS =
            TestExpressionFacts.headers(Map.of("x-amount-cents", "1999", "x-tenant", "acme", "x-word", "many"));

    @ParameterizedTest
    @CsvSource(delimiter = '→', quoteCharacter = '"', textBlock = """
            # request
            int(request.headers['x-amount-cents']) <= 500000                → TRUE
            int(request.headers['x-amount-cents']) <= 1998                  → FALSE
            int(request.headers['x-word']) <= 1998                          → ERROR
            int(request.headers['x-none']) <= 500000                        → ERROR
            request.headers['x-tenant'] == 'acme'                           → TRUE
            request.headers.foo == 'acme'                                   → ERROR
            request.method == 'POST' && request.host == 'payment'           → TRUE
            request.path.startsWith('/charges/') && !request.path.endsWith('/refund') → TRUE
            request.query['mode'] == 'full'                                 → TRUE
            request.query['other'] == 'full'                                → ERROR
            request.query.mode.size() == 4                                  → TRUE
            # presence
            'x-tenant' in request.headers                                   → TRUE
            'x-none' in request.headers                                     → FALSE
            !('x-none' in request.headers)                                  → TRUE
            has(request.query.mode)                                         → TRUE
            has(request.query.other)                                        → FALSE
            has(user.claims.dept)                                           → TRUE
            !('x-none' in request.headers) || request.headers['x-none'] == 'a' → TRUE
            # user, path, caller
            user.sub == path.customer                                       → TRUE
            user.sub == path.id                                             → FALSE
            user.issuer == 'shop' && 'finance' in user.roles                → TRUE
            'orders:write' in user.scopes                                   → FALSE
            user.claims.dept == 'payments' && user.claims.level >= 3 && user.claims.mfa → TRUE
            'mfa' in user.claims.amr                                        → TRUE
            'otp' in user.claims.amr                                        → FALSE
            user.roles[0] == 'customer' && user.roles.size() == 2           → TRUE
            user.roles[2] == 'customer'                                     → ERROR
            caller.service == 'orders' && caller.id.endsWith('/sa/orders')  → TRUE
            # time
            now < timestamp('2026-11-24T10:15:31Z')                         → TRUE
            now - timestamp('2026-11-24T10:15:00Z') < duration('30s')       → FALSE
            now - timestamp(1795515300 - 60) < duration('1h30m')            → TRUE
            now < timestamp(request.headers['x-word'])                      → ERROR
            now.getHours() >= 8 && now.getHours() < 18                      → TRUE
            now.getHours('Asia/Tokyo') == 19                                → TRUE
            now.getHours('Nowhere/Atall') == 19                             → ERROR
            # arithmetic
            1 / (user.claims.level - 3) == 1                                → ERROR
            9223372036854775807 + user.claims.level > 0                     → ERROR
            double(request.headers['x-amount-cents']) * 0.01 < 20.0         → TRUE
            string(user.claims.level) + '9' == '39'                         → TRUE
            {'acme': 2000, 'best': 10}[request.headers['x-tenant']] > int(request.headers['x-amount-cents']) → TRUE
            request.headers['x-tenant'] in ['acme', 'best']                 → TRUE
            (user.claims.mfa ? user.claims.level : 0) > 2                   → TRUE
            # loops
            user.roles.exists(r, r.startsWith('fin'))                       → TRUE
            user.roles.all(r, r.startsWith('fin'))                          → FALSE
            user.roles.exists_one(r, r == 'finance')                        → TRUE
            user.roles.filter(r, r != 'finance').size() == 1                → TRUE
            user.roles.map(r, r + '!')[1] == 'finance!'                     → TRUE
            user.roles.filter(r, r != 'a').exists(r, r == 'finance')        → TRUE
            user.roles.exists(r, r == request.headers['x-tenant'])          → FALSE
            # an error is absorbed by what decides without it
            request.headers['x-none'] == 'a' || true                    → TRUE
            true || request.headers['x-none'] == 'a'                    → TRUE
            request.headers['x-none'] == 'a' || false                   → ERROR
            request.headers['x-none'] == 'a' && false                       → FALSE
            request.headers['x-none'] == 'a' && true                        → ERROR
            true                                                            → TRUE
            false                                                           → FALSE
            """)
    void conditionComesTo(String source, Outcome outcome) {
        assertThat(TestConditions.expression(source).test(FACTS)).isEqualTo(outcome);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "request.headers['x-twice'] == 'a'",
                "'x-twice' in request.headers",
                "!('x-twice' in request.headers)",
                "has(request.headers.foo) || request.headers['x-twice'] == 'a' || true",
                "request.headers['x-twice'] == 'a' && false",
                "request.query['twice'] == 'a' || true",
                "has(request.query.twice) || true",
                "request.headers['x-long'] == 'a' || true",
                "['a', 'b'].exists(i, i == request.headers['x-twice']) || true",
            })
    void factInDoubtIsAnErrorOfTheWholeCondition(String source) {
        TestExpressionFacts facts = new TestExpressionFacts(
                Map.of("x-twice", List.of("a", "a"), "x-long", List.of("a".repeat(4097))),
                Map.of("twice", List.of("a", "a")),
                Optional.of(TestExpressionFacts.ALICE));
        assertThat(TestConditions.expression(source).test(facts)).isEqualTo(Outcome.ERROR);
    }

    @Test
    void longestTextAndListAreStillRead() {
        TestExpressionFacts facts = TestExpressionFacts.headers(Map.of("x", "a".repeat(4096)))
                .as(user(Collections.nCopies(64, "customer"), Map.of()));
        assertThat(TestConditions.expression("request.headers['x'].size() == 4096")
                        .test(facts))
                .isEqualTo(Outcome.TRUE);
        assertThat(TestConditions.expression("user.roles.all(r, r == 'customer')")
                        .test(facts))
                .isEqualTo(Outcome.TRUE);
        assertThat(TestConditions.expression("'customer' in user.roles")
                        .test(facts.as(user(Collections.nCopies(65, "customer"), Map.of()))))
                .isEqualTo(Outcome.ERROR);
    }

    @Test
    void claimOfAnotherTypeIsInDoubt() {
        TestExpressionFacts text = FACTS.as(user(List.of(), Map.of("level", "3")));
        assertThat(TestConditions.expression("user.claims.level != 4").test(text))
                .isEqualTo(Outcome.ERROR);
        assertThat(TestConditions.expression("user.claims.level != 4 || true").test(text))
                .isEqualTo(Outcome.ERROR);
        TestExpressionFacts number = FACTS.as(user(List.of(), Map.of("level", 3L)));
        assertThat(TestConditions.expression("user.claims.level != 4").test(number))
                .isEqualTo(Outcome.TRUE);
    }

    @Test
    void absentClaimIsAnErrorAndItsPresenceIsFalse() {
        TestExpressionFacts bare = FACTS.as(user(List.of(), Map.of()));
        assertThat(TestConditions.expression("user.claims.dept == 'payments'").test(bare))
                .isEqualTo(Outcome.ERROR);
        assertThat(TestConditions.expression("has(user.claims.dept)").test(bare))
                .isEqualTo(Outcome.FALSE);
    }

    @Test
    void missingUserIsAnErrorOfTheWholeCondition() {
        TestExpressionFacts nobody = new TestExpressionFacts(Map.of(), Map.of(), Optional.empty());
        assertThat(TestConditions.expression("user.sub == 'alice' || true").test(nobody))
                .isEqualTo(Outcome.ERROR);
        assertThat(TestConditions.expression("true || user.sub == 'alice'").test(nobody))
                .isEqualTo(Outcome.TRUE);
    }

    @Test
    void onlyWhatTheEvaluationComesToIsAskedFor() {
        TestExpressionFacts facts = TestExpressionFacts.headers(Map.of("x-tenant", "acme"));
        Expression expression = TestConditions.expression(
                "request.method == 'GET' && user.sub == 'alice' || request.headers['x-tenant'] == 'acme'");
        assertThat(expression.test(facts)).isEqualTo(Outcome.TRUE);
        assertThat(facts.asked).containsExactly("method", "header x-tenant");
    }

    @Test
    void factIsAskedForOnceHoweverOftenItIsMentioned() {
        TestExpressionFacts facts = TestExpressionFacts.headers(Map.of("x-tenant", "acme"));
        assertThat(TestConditions.expression("['a', 'b', 'acme'].exists(i, i == request.headers['x-tenant'])")
                        .test(facts))
                .isEqualTo(Outcome.TRUE);
        assertThat(facts.asked).containsExactly("header x-tenant");
    }

    @Test
    void inputsAreKnownWithoutEvaluation() {
        ConditionInputs inputs = TestConditions.expression(
                        "request.headers['x-b'] == 'a' && 'x-a' in request.headers && has(request.query.mode)"
                                + " && path.id == '7' && has(user.claims.dept) && user.claims.level == 3")
                .inputs();
        assertThat(inputs)
                .isEqualTo(new ConditionInputs(
                        new TreeSet<>(List.of("x-a", "x-b")),
                        new TreeSet<>(List.of("mode")),
                        new TreeSet<>(List.of("id")),
                        new TreeSet<>(List.of("dept", "level")),
                        true));
        assertThat(TestConditions.expression("user.sub == 'a'").inputs().user()).isTrue();
        assertThat(TestConditions.expression("caller.id == request.path && now > now")
                        .inputs()
                        .user())
                .isFalse();
    }

    @Test
    void mistakeOfTheFactsIsAnError() {
        ExpressionFacts broken = new TestExpressionFacts(Map.of(), Map.of(), Optional.empty()) {
            @Override
            public String method() {
                throw new IllegalStateException("a mistake of ours");
            }
        };
        assertThat(TestConditions.expression("request.method == 'GET' || true").test(broken))
                .isEqualTo(Outcome.ERROR);
    }

    @Test
    void equalConditionsTravelAsEqualTexts() {
        assertThat(TestConditions.checked("user.roles.exists(r, r == 'a') && request.method == 'GET'"))
                .isEqualTo(TestConditions.checked(" user.roles.exists(r,r=='a')  && request.method =='GET' // why"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "AAAA", "no base64!", "CgQQARgB"})
    void whatIsNoCheckedExpressionIsRefused(String checked) {
        assertThatThrownBy(() -> Expression.of(checked))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected: ");
    }

    private static User user(List<String> roles, Map<String, Object> claims) {
        return new User(
                "shop",
                "alice",
                roles,
                List.of(),
                claims,
                TestExpressionFacts.NOW.minusSeconds(60),
                TestExpressionFacts.NOW.plusSeconds(60));
    }
}
