package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.RoutePolicy.Callers;
import java.time.Instant;

/** What a rule demands of the caller. */
sealed interface CallerCondition extends Condition {
    @Override
    default Stage stage() {
        return Stage.CALLER;
    }

    /** {@code expires}: from then on a rule grants nothing, as if it named no caller. */
    record Expires(Instant at) implements CallerCondition {
        @Override
        public Reason verdict(Evaluation evaluation) {
            return evaluation.now().isBefore(at) ? Reason.ALLOWED : Reason.CALLER_NOT_ALLOWED;
        }

        @Override
        public String name() {
            return "expires";
        }

        @Override
        public String expected() {
            return "before " + at;
        }

        @Override
        public String actual(Evaluation evaluation) {
            return evaluation.now().toString();
        }
    }

    /** {@code from}: identities are compared exactly; a pattern was resolved when the policy was compiled. */
    record From(Callers callers, CallerSet set) implements CallerCondition {
        @Override
        public Reason verdict(Evaluation evaluation) {
            if (evaluation.caller() == MeshIndex.UNKNOWN) {
                return Reason.CALLER_UNKNOWN;
            }
            return set.contains(evaluation.caller()) ? Reason.ALLOWED : Reason.CALLER_NOT_ALLOWED;
        }

        @Override
        public String name() {
            return "from";
        }

        @Override
        public String expected() {
            return callers.names().toString();
        }

        @Override
        public String actual(Evaluation evaluation) {
            return evaluation.caller() == MeshIndex.UNKNOWN
                    ? evaluation.facts().caller().map(SpiffeId::toString).orElse("no client certificate")
                    : evaluation.mesh().name(evaluation.caller());
        }
    }
}
