package dev.sallyport.policy;

import dev.sallyport.policy.PathTemplate.Segment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Templates of which no two clash: each pair has no path in common, or one of the two is more specific. A clash is found without a comparison of all pairs, and the work is bounded:
 * whoever writes a policy must not be able to keep a control plane busy with templates that overlap in every way. One thread.
 */
final class Clashes<T> {
    private final Map<String, Branch<T>> methods = new HashMap<>();
    private final Budget budget;

    /** What the search of one policy may cost, in places looked at. */
    static final class Budget {
        static final int PLACES_MAX = 5_000_000; // about a second

        private int left = PLACES_MAX;

        boolean spent() {
            return left <= 0;
        }
    }

    /** One position in the templates of a method. */
    private static final class Branch<T> {
        final Map<String, Branch<T>> literals = new HashMap<>();

        @Nullable
        Branch<T> variable;

        @Nullable
        T rest;

        @Nullable
        T end;

        /** Whether a variable or a rest stands anywhere below: else nothing below is more general than anything. */
        boolean general;
    }

    Clashes(Budget budget) {
        this.budget = budget;
    }

    /** The earlier template that this one cannot be told apart from; if there is none, it is one of them from now on. Empty, too, once the budget is spent. */
    Optional<T> add(String method, PathTemplate template, T target) {
        Branch<T> root = methods.computeIfAbsent(method, _ -> new Branch<>());
        Optional<T> clash = Optional.ofNullable(find(root, template.segments(), 0, false, false));
        if (clash.isEmpty()) {
            insert(root, template.segments(), target);
        }
        return clash;
    }

    private static <T> void insert(Branch<T> root, List<Segment> segments, T target) {
        Branch<T> branch = root;
        int lastGeneral = segments.size() - 1;
        while (lastGeneral >= 0 && segments.get(lastGeneral) instanceof Segment.Literal) {
            lastGeneral--;
        }
        for (int at = 0; at < segments.size(); at++) {
            branch.general |= at <= lastGeneral;
            switch (segments.get(at)) {
                case Segment.Literal(String text) ->
                    branch = branch.literals.computeIfAbsent(text, _ -> new Branch<>());
                case Segment.Variable _ -> {
                    Branch<T> variable = branch.variable == null ? new Branch<>() : branch.variable;
                    branch.variable = variable;
                    branch = variable;
                }
                case Segment.Rest _ -> {
                    branch.rest = target;
                    return;
                }
            }
        }
        branch.end = target;
    }

    /** {@code narrower}, {@code wider}: whether the new template is more specific, or more general, at some place before. Both, or neither to the end, is a clash. */
    private @Nullable T find(Branch<T> branch, List<Segment> segments, int at, boolean narrower, boolean wider) {
        if (--budget.left <= 0 || (wider && !narrower && !branch.general)) {
            return null;
        }
        if (at == segments.size()) {
            return narrower == wider ? branch.end : null;
        }
        return switch (segments.get(at)) {
            case Segment.Rest _ -> findOfRest(branch, narrower, wider);
            case Segment.Literal(String text)
            when text.isEmpty() -> child(branch.literals.get(text), segments, at, narrower, wider);
            case Segment.Literal(String text) -> {
                T clash = wider ? branch.rest : null;
                clash = clash == null ? child(branch.literals.get(text), segments, at, narrower, wider) : clash;
                yield clash == null ? child(branch.variable, segments, at, true, wider) : clash;
            }
            case Segment.Variable _ -> {
                T clash = wider ? branch.rest : null;
                clash = clash == null ? child(branch.variable, segments, at, narrower, wider) : clash;
                yield clash == null ? children(branch, segments, at, narrower) : clash;
            }
        };
    }

    private @Nullable T child(
            @Nullable Branch<T> next, List<Segment> segments, int at, boolean narrower, boolean wider) {
        return next == null ? null : find(next, segments, at + 1, narrower, wider);
    }

    /** Those of a variable: each literal that is not empty is more specific. */
    private @Nullable T children(Branch<T> branch, List<Segment> segments, int at, boolean narrower) {
        for (Map.Entry<String, Branch<T>> literal : branch.literals.entrySet()) {
            T clash = literal.getKey().isEmpty() ? null : find(literal.getValue(), segments, at + 1, narrower, true);
            if (clash != null) {
                return clash;
            }
        }
        return null;
    }

    /** A rest covers whatever goes on with a segment that is not empty: a clash if it was narrower before. */
    private @Nullable T findOfRest(Branch<T> branch, boolean narrower, boolean wider) {
        if (branch.rest != null && narrower == wider) {
            return branch.rest;
        }
        if (!narrower) {
            return null;
        }
        for (Map.Entry<String, Branch<T>> literal : branch.literals.entrySet()) {
            if (!literal.getKey().isEmpty()) {
                return any(literal.getValue());
            }
        }
        return branch.variable == null ? null : any(branch.variable);
    }

    /** Every branch leads to a template. */
    private static <T> @Nullable T any(Branch<T> branch) {
        Branch<T> next = branch;
        while (next.end == null && next.rest == null) {
            next = next.variable != null
                    ? next.variable
                    : next.literals.values().iterator().next();
        }
        return next.end == null ? next.rest : next.end;
    }
}
