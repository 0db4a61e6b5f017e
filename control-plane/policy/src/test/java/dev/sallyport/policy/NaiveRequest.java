package dev.sallyport.policy;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.policy.NaiveCondition.Truth;
import dev.sallyport.policy.RoutePolicy.Callers;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One request as rules and guardrails look at it: each method answers why a condition does not hold, and nothing when
 * it does. {@code path}: the values of the template's variables.
 */
record NaiveRequest(Mesh mesh, RequestFacts facts, Map<String, String> path, NaiveCondition condition, Instant now) {
    private static final int HEADER_CHARACTERS_MAX = 4096;

    boolean declaredCaller() {
        Optional<SpiffeId> caller = facts.caller();
        return caller.isPresent()
                && mesh.services().values().stream()
                        .anyMatch(service -> service.identity().equals(caller.get()));
    }

    boolean callerIs(Callers callers) {
        return declaredCaller()
                && (callers.anyMesh()
                        || callers.identities().contains(facts.caller().orElseThrow()));
    }

    /** From {@code expires} on as if {@code from} failed. */
    Optional<Reason> caller(Callers from, Optional<Instant> expires) {
        if (!declaredCaller()) {
            return Optional.of(Reason.CALLER_UNKNOWN);
        }
        boolean expired = expires.isPresent() && !now.isBefore(expires.get());
        return callerIs(from) && !expired ? Optional.empty() : Optional.of(Reason.CALLER_NOT_ALLOWED);
    }

    Optional<Reason> user(UserRequirement wanted) {
        return NaiveUser.failure(mesh, wanted, facts, now);
    }

    Optional<Reason> field(FieldCondition field) {
        try {
            Optional<String> value = switch (field.kind()) {
                case HEADER -> header(field.name());
                case QUERY -> query(field.name());
            };
            return value.filter(actual -> field.oneOf().contains(actual)).isPresent()
                    ? Optional.empty()
                    : Optional.of(Reason.CONDITION_FALSE);
        } catch (Unreadable doubtful) {
            return Optional.of(Reason.CONDITION_ERROR);
        }
    }

    Optional<Reason> when(When when) {
        return switch (truth(when)) {
            case TRUE -> Optional.empty();
            case FALSE -> Optional.of(Reason.CONDITION_FALSE);
            case ERROR -> Optional.of(Reason.CONDITION_ERROR);
        };
    }

    Truth truth(When when) {
        return condition.of(when.source(), this);
    }

    /** Nothing while it was not asked: then the rule may hold. */
    Optional<Reason> opa(OpaQuery query) {
        return facts.opa(query).flatMap(answer -> switch (answer) {
            case TRUE -> Optional.empty();
            case FALSE -> Optional.of(Reason.OPA_DENIED);
            case ERROR -> Optional.of(Reason.OPA_ERROR);
        });
    }

    /** A field that two readers could read differently. */
    static final class Unreadable extends Exception {
        private static final long serialVersionUID = 1;

        Unreadable() {
            super("a field that two readers could read differently", null, false, false);
        }
    }

    /** Empty when absent. */
    Optional<String> header(String name) throws Unreadable {
        List<String> values = facts.header(name);
        if (values.isEmpty()) {
            return Optional.empty();
        }
        String value = values.getFirst();
        boolean plain = value.length() <= HEADER_CHARACTERS_MAX && value.chars().allMatch(c -> c >= 0x20 && c <= 0x7E);
        if (values.size() > 1 || !plain) {
            throw new Unreadable();
        }
        return Optional.of(value);
    }

    /** Percent-decoded; empty when absent. */
    Optional<String> query(String name) throws Unreadable {
        return facts.query().isEmpty()
                ? Optional.empty()
                : NaiveQuery.value(facts.query().get(), name);
    }
}
