package dev.sallyport.authoring.tests;

import dev.sallyport.authoring.tests.PolicyTest.Expectation;
import dev.sallyport.authoring.tests.PolicyTest.Verdict;
import dev.sallyport.authoring.tests.TestReport.Difference;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Decision.MatchedRoute;
import dev.sallyport.policy.GuardrailRef;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RuleRef;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What became of a case. {@code rule}: the one that allows or asks, of a denial the nearest. {@code observed}: the denial that {@code mode: observe} turned into this allow. */
record Outcome(
        Verdict verdict,
        Reason reason,
        Optional<RuleRef> rule,
        Optional<GuardrailRef> guardrail,
        Optional<Reason> observed,
        Optional<String> route) {

    static Outcome of(Decision decision) {
        Optional<String> route = decision.route().map(MatchedRoute::name);
        return switch (decision) {
            case Decision.Allow allow ->
                new Outcome(
                        Verdict.ALLOW,
                        Reason.ALLOWED,
                        allow.rule(),
                        Optional.empty(),
                        allow.observed().map(Decision.Deny::reason),
                        route);
            case Decision.Deny deny ->
                new Outcome(Verdict.DENY, deny.reason(), deny.nearest(), deny.guardrail(), Optional.empty(), route);
            case Decision.Ask ask ->
                new Outcome(
                        Verdict.ASK, ask.reason(), Optional.of(ask.rule()), Optional.empty(), Optional.empty(), route);
        };
    }

    /** Of a request that is refused before any rule is asked. */
    static Outcome refused(Reason reason) {
        return new Outcome(
                Verdict.DENY, reason, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /** Where it is not what was expected; {@code of} is {@code ""} or {@code "shadow "}. */
    List<Difference> differences(Expectation expected, String of) {
        List<Difference> differences = new ArrayList<>();
        String wanted = ExpectationReader.word(expected.verdict());
        if (expected.verdict() != verdict) {
            differences.add(new Difference(of + "decision", wanted, toString()));
            return differences; // all else follows from it
        }
        if (!expected.observed().equals(observed)) {
            differences.add(new Difference(
                    of + "decision",
                    wanted
                            + expected.observed()
                                    .map(reason -> " by mode: observe, of " + reason.code())
                                    .orElse(" by a rule"),
                    toString()));
        }
        expected.reason()
                .filter(wish -> wish != reason)
                .ifPresent(wish -> differences.add(new Difference(of + "reason", wish.code(), reason.code())));
        if (expected.status().isPresent() && expected.status().getAsInt() != reason.status()) {
            differences.add(new Difference(
                    of + "status",
                    String.valueOf(expected.status().getAsInt()),
                    reason.status() + " (" + reason.code() + ")"));
        }
        compare(of + "rule", expected.rule(), rule).ifPresent(differences::add);
        compare(of + "guardrail", expected.guardrail(), guardrail).ifPresent(differences::add);
        return differences;
    }

    private static <T> Optional<Difference> compare(String what, Optional<T> expected, Optional<T> actual) {
        return expected.filter(wish -> !actual.equals(Optional.of(wish)))
                .map(wish -> new Difference(
                        what, wish.toString(), actual.map(Object::toString).orElse("none")));
    }

    /** {@code deny caller_not_allowed (403)}, {@code allow by payment/charge/orders}. */
    @Override
    public String toString() {
        return switch (verdict) {
            case ALLOW ->
                observed.map(reason -> "allow by mode: observe only, of " + reason.code())
                        .orElseGet(() -> "allow" + rule.map(by -> " by " + by).orElse(""));
            case DENY ->
                "deny " + reason.code() + " (" + reason.status() + ")"
                        + guardrail.map(by -> " by " + by).orElse("");
            case ASK -> "ask OPA for " + rule.map(RuleRef::toString).orElse("a rule");
        };
    }
}
