package dev.sallyport.cli.record;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.authoring.impact.Impact;
import dev.sallyport.cli.CliException;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Explanation;
import dev.sallyport.policy.PolicySet;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RoutePolicy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The account of one recorded decision: its record, and the same evaluator asked again with the policy of that moment. */
final class RecordAccount {
    /** Reasons that the policy gives; what is refused before or fails after has its own words in the record. */
    private static final Set<Reason> OF_POLICY = EnumSet.of(
            Reason.ALLOWED,
            Reason.CALLER_UNKNOWN,
            Reason.CALLER_NOT_ALLOWED,
            Reason.ROLE_MISSING,
            Reason.SCOPE_MISSING,
            Reason.CLAIM_MISMATCH,
            Reason.CONDITION_FALSE,
            Reason.CONDITION_ERROR,
            Reason.OPA_DENIED,
            Reason.OPA_ERROR,
            Reason.GUARDRAIL);

    private final Recorded recorded;
    private final Keeping keeping;
    private final List<String> notes;

    private RecordAccount(Recorded recorded, Keeping keeping, List<String> notes) {
        this.recorded = recorded;
        this.keeping = keeping;
        this.notes = new ArrayList<>(notes);
    }

    /** {@code notes}: what was said on the way to this record. */
    static Account of(Recorded recorded, Keeping keeping, List<String> notes) throws CliException, IOException {
        RecordAccount account = new RecordAccount(recorded, keeping, notes);
        Optional<Explanation> explanation = recorded.inbound() ? account.explanation() : Optional.empty();
        recorded.text(AuditFields.DETAIL).ifPresent(detail -> account.notes.add("on record: " + detail));
        if (recorded.intent()) {
            account.notes.add(
                    "only the intent is on record: the request is under way, or its sidecar died before it ended");
        }
        return new Account(
                recorded.verdict(),
                (int) recorded.number(AuditFields.STATUS, 0),
                recorded.reason(),
                account.circumstances(),
                RecordSummary.of(recorded),
                explanation,
                List.copyOf(account.notes));
    }

    private List<String> circumstances() {
        List<String> circumstances = new ArrayList<>(List.of(recorded.time().toString()));
        long revision = recorded.number(AuditFields.REVISION, -1);
        if (revision >= 0) {
            String digest =
                    recorded.text(AuditFields.POLICY_DIGEST).map(Cut::digest).orElse("");
            circumstances.add("revision " + revision + (digest.isEmpty() ? "" : " (sha256:" + digest + ")"));
        }
        circumstances.add(recorded.text(AuditFields.SERVICE).orElse("?") + "/" + recorded.direction());
        return circumstances;
    }

    private Optional<Explanation> explanation() throws CliException, IOException {
        Optional<String> digest = recorded.text(AuditFields.POLICY_DIGEST);
        if (digest.isEmpty()) {
            return Optional.empty();
        }
        Optional<Keeping.Kept> judged = keeping.judged(recorded, digest.get());
        if (judged.isEmpty()) {
            notes.add("the policy that judged, sha256:" + Cut.digest(digest.get()) + ", is not kept any more ("
                    + keeping.kept() + ")");
            return Optional.empty();
        }
        if (recorded.text(AuditFields.PATH).isEmpty()) {
            unmatched(judged.get());
            return Optional.empty();
        }
        if (!isOfPolicy(recorded)) {
            return Optional.empty();
        }
        Explanation explanation = again(judged.get());
        if (keeping.collected()) {
            performAgain(judged.get(), explanation.decision());
        } else {
            compare(explanation.decision());
        }
        today(digest.get());
        return Optional.of(explanation);
    }

    /** What the record and its policy say years later: the same, or why they cannot say. */
    private void performAgain(Keeping.Kept kept, Decision decision) {
        Impact once = new Impact(kept.documents());
        once.replay(ReplayedRecord.of(
                recorded,
                kept.documents(),
                new RecordedFacts(
                        recorded,
                        kept.documents().mesh(),
                        recorded.text(AuditFields.USER_HASH).orElse("")),
                false));
        String policy =
                "sha256:" + Cut.digest(recorded.text(AuditFields.POLICY_DIGEST).orElse(""));
        if (!once.unjudged().isEmpty()) {
            notes.add("the decision cannot be made again out of the record: "
                    + once.unjudged().firstKey());
        } else if (once.same() == 1 && decision.reason().code().equals(recorded.reason())) {
            notes.add("made again out of the record and policy " + policy + ", the decision is the same");
        } else {
            compare(decision);
        }
    }

    /** Whether rules decided: an allow, or a denial that the same facts bring about again. */
    static boolean isOfPolicy(Recorded recorded) {
        try {
            Reason reason = Reason.ofCode(recorded.reason());
            return OF_POLICY.contains(reason)
                    || reason.isToken()
                    || (reason == Reason.RATE_LIMITED && unjudged(recorded));
        } catch (IllegalArgumentException ofAConnectionOrLater) {
            return false;
        }
    }

    /** A rule that looks at a token which nobody has verified gives the reason that a limit gives as well. */
    private static boolean unjudged(Recorded recorded) {
        return Stream.of(AuditFields.TOKEN_RESULT, AuditFields.USER_CARRIED)
                .anyMatch(
                        field -> recorded.text(field).filter("unjudged"::equals).isPresent());
    }

    private Explanation again(Keeping.Kept kept) throws IOException {
        RecordedFacts facts =
                new RecordedFacts(recorded, kept.documents().mesh(), keeping.subject(recorded, kept.documents()));
        return PolicySet.compile(kept.documents(), kept.service()).explain(facts, recorded.time());
    }

    /** A path that matched no template is never recorded: it may hold anything. */
    private void unmatched(Keeping.Kept kept) {
        if (!recorded.reason().equals(Reason.NO_ROUTE.code())) {
            return;
        }
        String method = recorded.text(AuditFields.METHOD).orElse("");
        List<String> covered = Optional.ofNullable(kept.documents().policies().get(kept.service()))
                .map(policy -> policy.routes().values().stream()
                        .flatMap(route -> route.matches().stream())
                        .map(RoutePolicy.Match::toString)
                        .filter(match -> match.startsWith(method + " "))
                        .map(match -> match.substring(method.length() + 1))
                        .sorted()
                        .toList())
                .orElse(List.of());
        notes.add("no route of " + kept.service() + " covers it, and what no template matches is not recorded raw");
        notes.add(
                covered.isEmpty()
                        ? kept.service() + " covers nothing with " + method
                        : "with " + method + " it covers " + String.join(", ", covered));
    }

    /** The record is the truth; the evaluator only says why. When they differ the record lacks something that was looked at. */
    private void compare(Decision decision) {
        boolean same = decision.reason().code().equals(recorded.reason());
        if (!same) {
            notes.add("judged again out of the record the answer is "
                    + decision.reason().code()
                    + ": the record does not hold everything that was looked at; what is recorded counts");
        }
    }

    private void today(String digest) throws CliException, IOException {
        Optional<Keeping.Kept> now = keeping.inForce();
        if (now.isEmpty() || now.get().documents().digest().equals(digest)) {
            return;
        }
        Decision decision = again(now.get()).decision();
        String answer = switch (decision) {
            case Decision.Allow allow ->
                "allow this by " + allow.rule().map(rule -> "rule " + rule).orElse("mode: observe");
            case Decision.Ask ask -> "ask OPA, for rule " + ask.rule();
            case Decision.Deny deny -> "deny this as " + deny.reason().code();
        };
        notes.add("the policy in force now is another, revision "
                + now.get().revision() + " (sha256:"
                + Cut.digest(now.get().documents().digest()) + "): it would " + answer);
    }
}
