package dev.sallyport.authoring.tests;

import dev.sallyport.authoring.tests.PolicyTest.Case;
import dev.sallyport.authoring.tests.PolicyTest.Expectation;
import dev.sallyport.authoring.tests.PolicyTest.Request;
import dev.sallyport.authoring.tests.TestReport.Difference;
import dev.sallyport.authoring.tests.TestReport.Kind;
import dev.sallyport.authoring.tests.TestReport.Result;
import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Explanation;
import dev.sallyport.policy.GivenConnection;
import dev.sallyport.policy.GivenFacts;
import dev.sallyport.policy.Mesh;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.policy.RequestFacts;
import dev.sallyport.policy.RequestRejectedException;
import dev.sallyport.policy.User;
import dev.sallyport.policy.UserFact;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Judges cases with the sidecar's own reading of requests and its own evaluator, and counts what they touch. One thread. */
final class CaseJudge {
    private static final String SHADOW = "shadow ";

    private final DocumentSet set;
    private final Coverage.Counter coverage;
    private final Map<String, PolicySet> live = new HashMap<>(); // by service

    CaseJudge(DocumentSet set) {
        this.set = set;
        this.coverage = new Coverage.Counter(set);
    }

    Coverage coverage() {
        return coverage.coverage();
    }

    /** {@code now}: the test's. */
    Result judge(PolicyTest test, Case one, Instant now) {
        List<Difference> differences = new ArrayList<>();
        Optional<Explanation> explanation = Optional.empty();
        try {
            RequestFacts facts = facts(one, now);
            Instant at = one.at().from(now);
            PolicySet policies = live.computeIfAbsent(one.service(), service -> PolicySet.compile(set, service));
            Outcome outcome = Outcome.of(policies.decide(facts, at));
            coverage.count(outcome, false);
            differences.addAll(outcome.differences(one.expected(), ""));
            one.shadow().ifPresent(expected -> differences.addAll(shadow(expected, policies.shadow(facts, at))));
            if (!differences.isEmpty()) {
                explanation = Optional.of(policies.explain(facts, at));
            }
        } catch (RequestRejectedException rejected) { // before any rule is asked, live or not
            Outcome outcome = Outcome.refused(rejected.reason());
            differences.addAll(outcome.differences(one.expected(), ""));
            one.shadow().ifPresent(expected -> differences.addAll(outcome.differences(expected, SHADOW)));
        }
        return new Result(Kind.CASE, test.name(), one.name(), one.location(), one.subject(), differences, explanation);
    }

    private List<Difference> shadow(Expectation expected, Optional<Decision> decision) {
        if (decision.isEmpty()) {
            String wanted = ExpectationReader.word(expected.verdict());
            return List.of(new Difference(SHADOW + "decision", wanted, "none, for nothing here is in mode dryRun"));
        }
        Outcome outcome = Outcome.of(decision.get());
        coverage.count(outcome, true);
        return outcome.differences(expected, SHADOW);
    }

    private RequestFacts facts(Case one, Instant now) throws RequestRejectedException {
        return switch (one.request()) {
            case Request.Tcp(int port) -> new GivenConnection(one.caller(), port);
            case Request.Http http -> {
                Mesh.Service service = set.mesh().services().get(one.service());
                if (service == null) {
                    throw new IllegalStateException(one.service() + ": read as a service of the Mesh");
                }
                CanonicalRequest request = CanonicalRequest.written(
                        http.method(), http.target(), http.host(), one.headers().keySet(), service);
                GivenFacts facts = GivenFacts.of(one.caller(), request.method(), request.path())
                        .at(request.authority())
                        .with(one.headers())
                        .answered(one.opa());
                GivenFacts proven = proven(facts, one, now);
                yield request.query().map(proven::asking).orElse(proven);
            }
        };
    }

    /** A hop token says no more of a user than what travels. */
    private GivenFacts proven(GivenFacts facts, Case one, Instant now) {
        UserFact fact = one.token().fact(now);
        if (one.via().isEmpty()) {
            return facts.as(fact);
        }
        if (!(fact instanceof UserFact.Verified(User user))) {
            return facts.carrying(fact);
        }
        return facts.as(Optional.ofNullable(set.mesh().issuers().get(user.issuer()))
                .orElseThrow(() -> new IllegalStateException(user.issuer() + ": read as an issuer of the Mesh"))
                .hopTokens()
                .carried(user, one.via()));
    }
}
