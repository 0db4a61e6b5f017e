package dev.sallyport.authoring.diff;

import dev.sallyport.policy.FieldCondition;
import dev.sallyport.policy.RoutePolicy.Rule;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import dev.sallyport.policy.RoutePolicy.UserRequirement.Conditions;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.function.BiPredicate;

/** Proofs that one rule lets through no more than another, whoever calls. No proof means no: a CEL condition or a question to OPA is only ever as narrow as itself. */
final class Narrowing {
    private Narrowing() {}

    /** Whether every request that {@code narrow} allows a caller is one that {@code wide} allows it too, and goes on with no more than there. */
    static boolean isWithin(Granted narrow, Granted wide) {
        Rule rule = narrow.rule();
        Rule other = wide.rule();
        return user(rule.user(), other.user())
                && fields(narrow.fields(), wide.fields())
                && demanded(other.when().map(when -> when.source()), rule.when().map(when -> when.source()))
                && demanded(other.opa(), rule.opa())
                && namesSegmentsAlike(narrow, wide)
                && (other.expires().isEmpty()
                        || rule.expires()
                                .filter(end -> !end.isAfter(other.expires().get()))
                                .isPresent())
                && (other.forwardToken() || !rule.forwardToken())
                && (other.forwardUnverified() || !rule.forwardUnverified());
    }

    /** The same condition on {@code path.tenant} is another one where another segment has that name. */
    private static boolean namesSegmentsAlike(Granted narrow, Granted wide) {
        boolean reads = wide.rule().when().isPresent() || wide.rule().opa().isPresent();
        return !reads || narrow.match().template().equals(wide.match().template());
    }

    /** What {@code wide} demands, if anything, {@code narrow} demands word for word. */
    private static <T> boolean demanded(Optional<T> wide, Optional<T> narrow) {
        return wide.isEmpty() || wide.equals(narrow);
    }

    private static boolean user(UserRequirement narrow, UserRequirement wide) {
        return switch (wide) {
            case UserRequirement.None _ -> narrow instanceof UserRequirement.None || proves(narrow);
            case UserRequirement.OptionalUser _ -> !(narrow instanceof UserRequirement.None) && !carried(narrow);
            case UserRequirement.Required _ ->
                narrow instanceof UserRequirement.Required || (narrow instanceof Conditions && !carried(narrow));
            case Conditions demands -> narrow instanceof Conditions has && conditions(has, demands);
        };
    }

    /** A rule that looks at no token lets bad ones pass; one that looks is narrower. */
    private static boolean proves(UserRequirement requirement) {
        return !(requirement instanceof UserRequirement.None);
    }

    /** Whether a hop token counts. */
    private static boolean carried(UserRequirement user) {
        return user instanceof Conditions conditions && conditions.via().isPresent();
    }

    /** By the same services or fewer. One that looks at hop tokens is not wider than one that does not: a bad one beside a good token of the user's own fails it. */
    private static boolean via(Conditions narrow, Conditions wide) {
        if (narrow.via().isEmpty() || wide.via().isEmpty()) {
            return narrow.via().equals(wide.via());
        }
        return wide.via().get().from().containsAll(narrow.via().get().from())
                && narrow.via().get().maxHops() <= wide.via().get().maxHops();
    }

    private static boolean conditions(Conditions narrow, Conditions wide) {
        return narrow.issuer().equals(wide.issuer())
                && via(narrow, wide)
                && demanded(wide.subject(), narrow.subject())
                && anyRole(narrow, wide)
                && narrow.allRoles().containsAll(wide.allRoles())
                && narrow.scopes().containsAll(wide.scopes())
                && narrow.claims().entrySet().containsAll(wide.claims().entrySet())
                && (wide.maxTokenAge().isEmpty()
                        || narrow.maxTokenAge()
                                .filter(age -> age.compareTo(wide.maxTokenAge().get()) <= 0)
                                .isPresent());
    }

    private static boolean anyRole(Conditions narrow, Conditions wide) {
        boolean fewer = !narrow.anyRole().isEmpty() && wide.anyRole().containsAll(narrow.anyRole());
        return wide.anyRole().isEmpty() || fewer || !Collections.disjoint(wide.anyRole(), narrow.allRoles());
    }

    /** Each field that {@code wide} demands is demanded by {@code narrow} too, with no value more. */
    static boolean fields(List<FieldCondition> narrow, List<FieldCondition> wide) {
        return all(
                wide,
                narrow,
                (demand, has) -> has.kind() == demand.kind()
                        && has.name().equals(demand.name())
                        && demand.oneOf().containsAll(has.oneOf()));
    }

    private static <T> boolean all(Collection<T> demands, Collection<T> has, BiPredicate<T, T> met) {
        return demands.stream().allMatch(demand -> has.stream().anyMatch(one -> met.test(demand, one)));
    }
}
