package dev.sallyport.authoring.diff;

import dev.sallyport.authoring.diff.Change.Kind;
import dev.sallyport.policy.AddressRange;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.Guardrail;
import dev.sallyport.policy.Mesh.Issuer;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.When;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What changed in one issuer, key by key. What its tokens are, and how they are read, always counts as widening; of what says whose word counts for them and how long, only more of it does.
 */
final class IssuerChanges {
    private final Issuer before;
    private final Issuer after;
    private final List<Change> changes = new ArrayList<>();

    private IssuerChanges(Issuer before, Issuer after) {
        this.before = before;
        this.after = after;
    }

    /** {@code set}: of {@code after}, whose conditions may read a claim that no longer travels. */
    static List<Change> between(Issuer before, Issuer after, DocumentSet set) {
        IssuerChanges issuer = new IssuerChanges(before, after);
        issuer.value("issuer", Issuer::issuer);
        issuer.value("audiences", Issuer::audiences);
        issuer.value("algorithms", Issuer::algorithms);
        issuer.types();
        issuer.value("jwksUri", one -> one.keys().jwksUri().orElse("where its metadata says"));
        issuer.maxStale();
        issuer.named(
                "keys may be at",
                "keys may no more be at",
                before.keys().privateAddresses(),
                after.keys().privateAddresses(),
                AddressRange::toString,
                _ -> false);
        issuer.value("roles", Issuer::roles);
        issuer.value("scopes", Issuer::scopes);
        issuer.value("clockSkew", one -> seconds(one.clockSkew()));
        issuer.value(
                "maxTokenAge",
                one -> one.maxTokenAge().map(IssuerChanges::seconds).orElse("none"));
        issuer.value("claims", Issuer::claims);
        issuer.value("tokenHeader", one -> one.tokenHeader().orElse("authorization"));
        issuer.named(
                "users may come by the word of",
                "users may no more come by the word of",
                before.hopTokens().verifiedBy(),
                after.hopTokens().verifiedBy(),
                service -> service,
                _ -> false);
        issuer.named(
                "users keep on their way the claim",
                "users keep no more on their way the claim",
                before.hopTokens().propagate(),
                after.hopTokens().propagate(),
                claim -> claim,
                claim -> isRead(claim, set));
        return issuer.changes;
    }

    private void value(String key, Function<Issuer, Object> of) {
        Object old = of.apply(before);
        Object now = of.apply(after);
        if (!old.equals(now)) {
            add(key + ": before " + old + "; now " + now, true);
        }
    }

    /** None stands for every one. */
    private void types() {
        if (!before.types().equals(after.types())) {
            boolean fewer = before.types().isEmpty()
                    || (!after.types().isEmpty() && before.types().containsAll(after.types()));
            add("types: before " + types(before) + "; now " + types(after), !fewer);
        }
    }

    private static String types(Issuer issuer) {
        return issuer.types().isEmpty() ? "any" : issuer.types().toString();
    }

    private void maxStale() {
        Duration old = before.keys().maxStale();
        Duration now = after.keys().maxStale();
        if (!old.equals(now)) {
            add("last good keys count for " + seconds(now) + ", before for " + seconds(old), now.compareTo(old) > 0);
        }
    }

    /** {@code missed}: whether something may come to hold for want of it. */
    private <T> void named(
            String more,
            String less,
            Collection<T> old,
            Collection<T> now,
            Function<T, String> text,
            Function<T, Boolean> missed) {
        now.stream().filter(one -> !old.contains(one)).forEach(one -> add(more + " " + text.apply(one), true));
        old.stream()
                .filter(one -> !now.contains(one))
                .forEach(one -> add(less + " " + text.apply(one), missed.apply(one)));
    }

    /** {@code !has(user.claims.blocked)} holds where the claim is gone; a denial {@code when: has(user.claims.blocked)} is about nobody then; and what OPA makes of its absence nobody knows. */
    private static boolean isRead(String claim, DocumentSet set) {
        List<RoutePolicy.Rule> rules = set.policies().values().stream()
                .flatMap(policy -> policy.routes().values().stream())
                .flatMap(route -> route.allow().values().stream())
                .toList();
        boolean asked = rules.stream()
                .anyMatch(rule -> rule.opa().isPresent() && !(rule.user() instanceof RoutePolicy.UserRequirement.None));
        Stream<Optional<When>> denials = set.guardrails().values().stream()
                .map(Guardrail::deny)
                .flatMap(deny -> deny.values().stream())
                .flatMap(denial -> Stream.of(denial.when(), denial.unlessWhen()));
        return asked
                || Stream.concat(rules.stream().map(RoutePolicy.Rule::when), denials)
                        .flatMap(Optional::stream)
                        .anyMatch(when -> when.source().contains(claim));
    }

    private static String seconds(Duration duration) {
        return duration.toSeconds() + "s";
    }

    private void add(String detail, boolean widening) {
        changes.add(new Change(Kind.SETTING, List.of(), "issuer " + after.name(), detail, widening));
    }
}
