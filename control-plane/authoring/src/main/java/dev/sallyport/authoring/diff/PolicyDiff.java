package dev.sallyport.authoring.diff;

import dev.sallyport.authoring.diff.Change.Kind;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.policy.PathTemplate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which caller × route pairs a change of documents newly allows or denies, decided over all requests and not over samples of traffic; and everything else that changed. Pure. A path with
 * parameters counts as what it is read as, with them and without.
 */
public final class PolicyDiff {
    private final Side before;
    private final Side after;
    private final Set<Change> changes = new LinkedHashSet<>(); // cells of one template say the same

    private PolicyDiff(DocumentSet before, DocumentSet after, Instant now) {
        this.before = new Side(before, now);
        this.after = new Side(after, now);
    }

    /** Settings first, then service by service. {@code now}: what has ended by then grants nothing on either side. */
    public static List<Change> between(DocumentSet before, DocumentSet after, Instant now) {
        PolicyDiff diff = new PolicyDiff(before, after, now);
        diff.changes.addAll(Settings.between(diff.before, diff.after));
        Set<String> services = new TreeSet<>(before.policies().keySet());
        services.addAll(after.policies().keySet());
        services.forEach(diff::service);
        return List.copyOf(diff.changes);
    }

    private void service(String service) {
        Set<String> callers = new TreeSet<>(before.mesh().services().keySet());
        callers.addAll(after.mesh().services().keySet());
        boolean emptySegments = before.emptySegments(service) || after.emptySegments(service);
        for (Cell cell : Cells.of(before.policy(service), after.policy(service), guarded(), emptySegments)) {
            Optional<Side.Routed> old = before.route(service, cell);
            Optional<Side.Routed> now = after.route(service, cell);
            changes.addAll(Settings.ofRoute(
                    service + " " + cell.label(), old.map(Side.Routed::route), now.map(Side.Routed::route)));
            Map<Difference, List<String>> alike = new LinkedHashMap<>();
            for (String caller : callers) {
                difference(before.grants(service, cell, old, caller), after.grants(service, cell, now, caller))
                        .ifPresent(difference -> alike.computeIfAbsent(difference, _ -> new ArrayList<>())
                                .add(caller));
            }
            alike.forEach((difference, same) -> changes.add(new Change(
                    difference.kind(),
                    same,
                    String.join(", ", same) + " → " + service + " " + cell.label(),
                    difference.detail(),
                    difference.kind() == Kind.NEWLY_ALLOWED || difference.kind() == Kind.WIDENED)));
        }
    }

    private List<PathTemplate> guarded() {
        return Stream.concat(before.guarded(), after.guarded()).toList();
    }

    private record Difference(Kind kind, String detail) {}

    private static Optional<Difference> difference(List<Granted> old, List<Granted> now) {
        if (now.isEmpty()) {
            return old.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new Difference(Kind.NEWLY_DENIED, "no more by " + rules(old)));
        }
        if (old.isEmpty()) {
            return Optional.of(new Difference(Kind.NEWLY_ALLOWED, "by " + rules(now)));
        }
        boolean narrower = now.stream().allMatch(rule -> isWithin(rule, old)) && !handsOnTokensAnew(old, now);
        boolean wider = old.stream().allMatch(rule -> isWithin(rule, now));
        if (narrower && wider) {
            return Optional.empty();
        }
        String detail = "before by " + rules(old) + "; now by " + rules(now);
        return Optional.of(new Difference(narrower ? Kind.NARROWED : Kind.WIDENED, detail));
    }

    /** Which rule governs depends on all of them: without one that came before it, a rule that forwards tokens, looked at or not, may govern where it did not. */
    private static boolean handsOnTokensAnew(List<Granted> old, List<Granted> now) {
        boolean forwards =
                now.stream().map(Granted::rule).anyMatch(rule -> rule.forwardToken() || rule.forwardUnverified());
        return forwards
                && !old.stream()
                        .map(Granted::essence)
                        .toList()
                        .equals(now.stream().map(Granted::essence).toList());
    }

    private static boolean isWithin(Granted rule, List<Granted> others) {
        return others.stream().anyMatch(other -> Narrowing.isWithin(rule, other));
    }

    private static String rules(List<Granted> rules) {
        return rules.stream().map(Wording::of).collect(Collectors.joining(" or "));
    }
}
