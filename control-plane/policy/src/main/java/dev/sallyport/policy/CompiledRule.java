package dev.sallyport.policy;

import dev.sallyport.policy.RoutePolicy.Rule;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * A rule, {@code found} its name as decisions carry it, as what it demands, in the order in which it is asked: {@code callers} are looked up in the route's {@link CallerTable}, {@code checks} asked one by one. {@code expires} is
 * {@link Instant#MAX} for a rule without an end.
 */
record CompiledRule(
        Optional<RuleRef> found,
        CallerCondition.From callers,
        Instant expires,
        List<Condition> checks,
        Proof proof,
        Grants grants) {
    /** Where an allow of the rule has its user from, and what goes on. */
    record Grants(Decision.Proof source, Decision.Forwarding forwarding) {
        static Grants of(Rule rule) {
            return new Grants(Decision.Proof.of(rule.user()), Decision.Forwarding.of(rule));
        }

        boolean carried() {
            return source == Decision.Proof.OWN_OR_HOP_TOKEN;
        }
    }

    /** What a rule proves of the user, least first: when several rules allow, the one that proves most governs. */
    enum Proof {
        NONE,
        OPTIONAL,
        REQUIRED,
        CONDITIONS
    }

    /** Which one governs when several allow: the one that proves most, then the first by name. */
    static final Comparator<CompiledRule> RANK = (a, b) -> {
        int least = b.proof().compareTo(a.proof());
        return least != 0 ? least : a.ref().rule().compareTo(b.ref().rule());
    };

    boolean expired(Instant now) {
        return !now.isBefore(expires);
    }

    RuleRef ref() {
        return found.orElseThrow();
    }

    /** Every condition, in order; for explanations. */
    List<Condition> conditions() {
        List<Condition> all = new ArrayList<>();
        if (!expires.equals(Instant.MAX)) {
            all.add(new CallerCondition.Expires(expires));
        }
        all.add(callers);
        all.addAll(checks);
        return List.copyOf(all);
    }
}
