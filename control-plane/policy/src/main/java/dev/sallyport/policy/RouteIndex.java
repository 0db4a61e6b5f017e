package dev.sallyport.policy;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Method and path → the one target whose template is most specific: at each segment a literal beats a variable beats
 * the rest, going back where the better branch leads nowhere. The loader refuses templates that overlap without one
 * being more specific, so this order never depends on which branch comes first. Immutable once built; any thread.
 */
final class RouteIndex<T> {
    private final Map<String, Branch<T>> methods = new HashMap<>();

    /** One position in the templates of a method. */
    private static final class Branch<T> {
        final SegmentMap<Branch<T>> literals = new SegmentMap<>();

        @Nullable
        Branch<T> variable;

        Optional<T> rest = Optional.empty();
        Optional<T> end = Optional.empty();
    }

    /** Only while the index is built, before it is shared. */
    void add(String method, PathTemplate template, T target) {
        Branch<T> branch = methods.computeIfAbsent(method, _ -> new Branch<>());
        for (PathTemplate.Segment segment : template.segments()) {
            switch (segment) {
                case PathTemplate.Segment.Literal(String literal) -> {
                    Branch<T> next = branch.literals.get(literal);
                    if (next == null) {
                        next = new Branch<>();
                        branch.literals.put(literal, next);
                    }
                    branch = next;
                }
                case PathTemplate.Segment.Variable _ -> {
                    Branch<T> variable = branch.variable == null ? new Branch<>() : branch.variable;
                    branch.variable = variable;
                    branch = variable;
                }
                case PathTemplate.Segment.Rest _ -> {
                    branch.rest = Optional.of(target);
                    return;
                }
            }
        }
        branch.end = Optional.of(target);
    }

    Optional<T> find(String method, String path) {
        Branch<T> root = methods.get(method);
        return root == null || path.isEmpty() || path.charAt(0) != '/' ? Optional.empty() : find(root, path, 1);
    }

    /** The path from the segment at {@code start} on, without a copy of it. As deep as the deepest template at most, and each branch is entered once. */
    private static <T> Optional<T> find(Branch<T> branch, String path, int start) {
        int length = path.length();
        if (start > length) {
            return branch.end;
        }
        int hash = 0;
        int end = start;
        for (char c; end < length && (c = path.charAt(end)) != '/'; end++) {
            hash = 31 * hash + c;
        }
        Branch<T> literal = branch.literals.get(path, start, end, hash);
        if (literal != null) {
            Optional<T> found = find(literal, path, end + 1);
            if (found.isPresent()) {
                return found;
            }
        }
        if (branch.variable != null && end > start) {
            Optional<T> found = find(branch.variable, path, end + 1);
            if (found.isPresent()) {
                return found;
            }
        }
        return start < length ? branch.rest : Optional.empty();
    }
}
