package dev.sallyport.proxy.inbound;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Reason;
import java.util.Optional;
import java.util.function.Supplier;

/** What would be decided if nothing were in dry run: judged beside the live decision, recorded, and of no consequence, whatever it does. */
final class DryRun {
    private DryRun() {}

    /** After the live decision, with the same facts. */
    static void beside(Call call) {
        beside(() -> call.snapshot().policies().shadow(call.facts(), call.now()), call.record());
    }

    /** {@code trial}: empty when nothing is in dry run. */
    static void beside(Supplier<Optional<Decision>> trial, AuditRecord record) {
        judged(trial).ifPresent(candidate -> {
            record.candidateDecision = word(candidate);
            record.candidateReason = candidate.reason().code();
            record.candidateRule = decider(candidate).map(Object::toString).orElse(null);
        });
    }

    private static Optional<Decision> judged(Supplier<Optional<Decision>> trial) {
        try {
            return trial.get();
        } catch (RuntimeException broken) {
            return Optional.of(
                    new Decision.Deny(Reason.INTERNAL_ERROR, Optional.empty(), Optional.empty(), Optional.empty()));
        }
    }

    private static String word(Decision candidate) {
        return switch (candidate) {
            case Decision.Allow _ -> "allow";
            case Decision.Deny _ -> "deny";
            case Decision.Ask _ -> "ask";
        };
    }

    /** The rule or the guardrail that decides, or the nearest rule. */
    private static Optional<?> decider(Decision candidate) {
        return switch (candidate) {
            case Decision.Allow allow -> allow.rule();
            case Decision.Deny deny -> deny.guardrail().isPresent() ? deny.guardrail() : deny.nearest();
            case Decision.Ask ask -> Optional.of(ask.rule());
        };
    }
}
