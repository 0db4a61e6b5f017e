package dev.sallyport.policy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/**
 * {@code /charges/{id}/refunds}: literal segments, {@code {name}} for one non-empty segment, {@code /**} at the end for the rest (at least one character of it). Case-sensitive; a
 * trailing slash is a segment of its own, so {@code /charges} and {@code /charges/} differ. What a port relaxes is data: no literal matches a segment with {@code %2F} or {@code ;}, and
 * nothing but the rest an empty one.
 */
public record PathTemplate(String text, List<Segment> segments) {
    private static final int CHARACTERS_MAX = 2048;
    private static final int SEGMENTS_MAX = 64;

    public PathTemplate {
        segments = List.copyOf(segments);
    }

    /** One segment of a template. */
    public sealed interface Segment {
        /** Exactly these characters; empty only as the last one, after a trailing slash. */
        record Literal(String text) implements Segment {}

        /** Any one segment that is not empty. */
        record Variable(String name) implements Segment {}

        /** Whatever follows, of any number of segments; not empty. */
        record Rest() implements Segment {}
    }

    /** Throws IllegalArgumentException with the expectation. */
    public static PathTemplate parse(String text) {
        if (!text.startsWith("/") || text.length() > CHARACTERS_MAX) {
            throw new IllegalArgumentException("expected: a path that begins with / and has at most " + CHARACTERS_MAX
                    + " characters, as /charges/{id}");
        }
        String[] parts = text.substring(1).split("/", -1);
        if (parts.length > SEGMENTS_MAX) {
            throw new IllegalArgumentException("expected: at most " + SEGMENTS_MAX + " segments");
        }
        List<Segment> segments = new ArrayList<>(parts.length);
        Set<String> names = new HashSet<>();
        for (int i = 0; i < parts.length; i++) {
            Segment segment = segment(parts[i], i == parts.length - 1);
            if (segment instanceof Segment.Variable(String name) && !names.add(name)) {
                throw new IllegalArgumentException("expected: {" + name + "} once; give the other one another name");
            }
            segments.add(segment);
        }
        return new PathTemplate(text, segments);
    }

    private static Segment segment(String part, boolean last) {
        if (part.equals("**") && last) {
            return new Segment.Rest();
        }
        if (part.startsWith("{") && part.endsWith("}")) {
            String name = part.substring(1, part.length() - 1);
            if (!isVariable(name)) {
                throw new IllegalArgumentException(
                        "expected: a variable as {id}, of letters, digits, - and _, at most 64 characters");
            }
            return new Segment.Variable(name);
        }
        if (part.indexOf('{') >= 0 || part.indexOf('}') >= 0) {
            throw new IllegalArgumentException("expected: a variable as a whole segment, /{id}/");
        }
        if (part.indexOf('*') >= 0) {
            throw new IllegalArgumentException(
                    "expected: {name} for one segment, or /** as the last one; * is no wildcard");
        }
        if (part.isEmpty() && !last) {
            throw new IllegalArgumentException(
                    "expected: no empty segment, //; where a port relaxes them, /** matches one");
        }
        try {
            byte[] bytes = ("/" + part).getBytes(StandardCharsets.UTF_8);
            if (PathSyntax.end(bytes, 0, bytes.length, Relaxations.NONE) < bytes.length) {
                throw PathSyntax.rejected("the character '?' in the path");
            }
        } catch (RequestRejectedException never) {
            throw new IllegalArgumentException(
                    "expected: no " + part + "; no such request is matched by its letters: " + never.getMessage(),
                    never);
        }
        return new Segment.Literal(part);
    }

    private static boolean isVariable(String name) {
        return !name.isEmpty()
                && name.length() <= 64
                && name.chars()
                        .allMatch(c -> (c >= 'a' && c <= 'z')
                                || (c >= 'A' && c <= 'Z')
                                || (c >= '0' && c <= '9')
                                || c == '_'
                                || c == '-');
    }

    /** Against a canonical path. */
    public boolean matches(String canonicalPath) {
        int start = 1;
        for (Segment segment : segments) {
            if (start > canonicalPath.length()) {
                return false;
            }
            int end = end(canonicalPath, start);
            boolean holds = switch (segment) {
                case Segment.Literal(String literal) ->
                    literal.length() == end - start && canonicalPath.startsWith(literal, start);
                case Segment.Variable _ -> end > start;
                case Segment.Rest _ -> canonicalPath.length() > start;
            };
            if (!holds || segment instanceof Segment.Rest) {
                return holds;
            }
            start = end + 1;
        }
        return start == canonicalPath.length() + 1;
    }

    /**
     * Writes the path with the value of each variable replaced by {@code shown.apply(name, value)}, which must give a valid segment; the rest has the name {@code **}. For records that keep
     * no clear values.
     */
    public void mask(String canonicalPath, BinaryOperator<String> shown, StringBuilder out) {
        int start = 1;
        for (Segment segment : segments) {
            int end = segment instanceof Segment.Rest ? canonicalPath.length() : end(canonicalPath, start);
            out.append('/');
            switch (segment) {
                case Segment.Literal _ -> out.append(canonicalPath, start, end);
                case Segment.Variable(String name) ->
                    out.append(shown.apply(name, canonicalPath.substring(start, end)));
                case Segment.Rest _ -> out.append(shown.apply("**", canonicalPath.substring(start, end)));
            }
            start = end + 1;
        }
    }

    /** What each variable stands for in a path that matches, as the path spells it: nothing is decoded. */
    SortedMap<String, String> variables(String canonicalPath) {
        SortedMap<String, String> values = new TreeMap<>();
        int start = 1;
        for (Segment segment : segments) {
            int end = end(canonicalPath, start);
            if (segment instanceof Segment.Variable(String name)) {
                values.put(name, canonicalPath.substring(start, end));
            }
            start = end + 1;
        }
        return values;
    }

    /** Where the segment that begins at {@code start} ends. */
    static int end(String path, int start) {
        int slash = path.indexOf('/', start);
        return slash < 0 ? path.length() : slash;
    }

    /** How the paths of this template relate to those of another; no path is enumerated. */
    public Overlap overlap(PathTemplate other) {
        boolean within = true;
        boolean contains = true;
        for (int i = 0; ; i++) {
            boolean ended = i == segments.size();
            boolean otherEnded = i == other.segments.size();
            if (ended || otherEnded) {
                if (ended != otherEnded) {
                    return Overlap.NONE;
                }
                return within && contains ? Overlap.SAME : nested(within, contains);
            }
            Segment mine = segments.get(i);
            Segment theirs = other.segments.get(i);
            if (mine instanceof Segment.Rest || theirs instanceof Segment.Rest) {
                return overlapOfRest(other, i, within, contains);
            }
            boolean literal = mine instanceof Segment.Literal;
            boolean otherLiteral = theirs instanceof Segment.Literal;
            if (literal && otherLiteral && !mine.equals(theirs)) {
                return Overlap.NONE;
            }
            if (literal != otherLiteral && isEmpty(literal ? mine : theirs)) {
                return Overlap.NONE; // a variable is never empty
            }
            within &= literal || !otherLiteral;
            contains &= otherLiteral || !literal;
        }
    }

    /** From position {@code i} on, where at least one of the two has its rest. */
    private Overlap overlapOfRest(PathTemplate other, int i, boolean within, boolean contains) {
        boolean rest = segments.get(i) instanceof Segment.Rest;
        boolean otherRest = other.segments.get(i) instanceof Segment.Rest;
        if (rest && otherRest) {
            return within && contains ? Overlap.SAME : nested(within, contains);
        }
        if (isEmpty(rest ? other.segments.get(i) : segments.get(i))) {
            return Overlap.NONE; // a rest is never empty
        }
        return nested(within && otherRest, contains && rest);
    }

    private static Overlap nested(boolean within, boolean contains) {
        return within ? Overlap.WITHIN : contains ? Overlap.CONTAINS : Overlap.CROSSING;
    }

    private static boolean isEmpty(Segment segment) {
        return segment instanceof Segment.Literal(String literal) && literal.isEmpty();
    }

    /** Two templates' sets of paths: apart, one within the other, the same, or crossing with neither the more specific. */
    public enum Overlap {
        NONE,
        WITHIN,
        CONTAINS,
        SAME,
        CROSSING
    }

    @Override
    public String toString() {
        return text;
    }
}
