package dev.sallyport.authoring.tests;

import dev.sallyport.authoring.tests.Openings.Opening;
import dev.sallyport.authoring.tests.PolicyTest.Invariant;
import dev.sallyport.authoring.tests.PolicyTest.Proof;
import dev.sallyport.authoring.tests.TestReport.Difference;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.RoutePolicy.UserRequirement;
import dev.sallyport.policy.RoutePolicy.UserRequirement.Conditions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Decides invariants for all inputs: what holds is proven, and what does not names the rule and whom it lets through. */
final class Invariants {
    private final DocumentSet set;

    Invariants(DocumentSet set) {
        this.set = set;
    }

    /** A difference for each way in which it could be broken at {@code now}; none when it holds. */
    List<Difference> broken(Invariant invariant, Instant now) {
        Map<String, Set<String>> callers = new LinkedHashMap<>();
        for (Opening opening : Openings.of(set, invariant.service(), invariant.pattern(), now)) {
            boolean proven = invariant
                    .unless()
                    .filter(proof -> proves(opening.proven(), proof))
                    .isPresent();
            if (invariant.callers().contains(opening.caller()) && !proven) {
                callers.computeIfAbsent(through(opening), _ -> new TreeSet<>()).add(opening.caller());
            }
        }
        return callers.entrySet().stream()
                .map(way -> new Difference("invariant", invariant.promise(), way.getKey() + " lets " + way.getValue()))
                .toList();
    }

    /** {@code rule payment/refund/finance with user: required}. */
    private static String through(Opening opening) {
        return opening.through()
                + opening.proven().stream()
                        .map(user -> " with user: " + text(user))
                        .collect(Collectors.joining(" and"));
    }

    /** As documents write it. */
    private static String text(UserRequirement user) {
        return switch (user) {
            case UserRequirement.None _ -> "none";
            case UserRequirement.OptionalUser _ -> "optional";
            case UserRequirement.Required _ -> "required";
            case Conditions of -> {
                List<String> parts = new ArrayList<>(List.of("issuer: " + of.issuer()));
                of.subject().ifPresent(subject -> parts.add("subject: " + subject));
                add(parts, "anyRole", of.anyRole());
                add(parts, "allRoles", of.allRoles());
                add(parts, "scopes", of.scopes());
                of.claims().forEach((claim, value) -> parts.add("claims." + claim + ": " + value));
                of.via().ifPresent(via -> parts.add("via: " + via.from() + " in " + via.maxHops() + " hops"));
                yield "{" + String.join(", ", parts) + "}";
            }
        };
    }

    private static void add(List<String> parts, String key, Set<String> values) {
        if (!values.isEmpty()) {
            parts.add(key + ": " + values);
        }
    }

    /** Whether whoever satisfies each of {@code wanted} has proven all of {@code proof}. */
    private boolean proves(List<UserRequirement> wanted, Proof proof) {
        boolean token =
                wanted.stream().anyMatch(one -> one instanceof UserRequirement.Required || one instanceof Conditions);
        return token
                && proof.issuer().stream()
                        .allMatch(issuer ->
                                isOnly(issuer) || any(wanted, of -> of.issuer().equals(issuer)))
                && proof.subject().stream()
                        .allMatch(name -> any(wanted, of -> of.subject().equals(Optional.of(name))))
                && proof.roles().stream().allMatch(role -> any(wanted, of -> asksFor(of, role)))
                && proof.scopes().stream()
                        .allMatch(scope -> any(wanted, of -> of.scopes().contains(scope)))
                && proof.claims().entrySet().stream()
                        .allMatch(claim ->
                                any(wanted, of -> of.claims().entrySet().contains(claim)));
    }

    private boolean isOnly(String issuer) {
        return set.mesh().issuers().keySet().equals(Set.of(issuer));
    }

    private static boolean asksFor(Conditions user, String role) {
        return user.allRoles().contains(role) || user.anyRole().equals(Set.of(role));
    }

    private static boolean any(List<UserRequirement> wanted, Predicate<Conditions> asks) {
        return wanted.stream().anyMatch(one -> one instanceof Conditions user && asks.test(user));
    }
}
