package dev.sallyport.policy;

import dev.sallyport.policy.PathTemplate.Segment;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A template as the loosest application reads it, for guardrails: percent-encoding decoded, any case and a trailing slash or none unless the service declares otherwise, and what
 * stands above {@code /**} as well. In a path that only a relaxation admits, {@code %2F} is also a separator, {@code //} also one slash, and {@code ;…} is no part of a name, each of
 * them for itself: what is data to this application may not be to the framework under it. An allow rule reads the same template strictly; between the two readings nothing is allowed
 * that a guardrail means.
 */
final class LoosePath {
    private final List<Segment> segments;
    private final long variables; // bit i: the segment i is one
    private final boolean rest;
    private final boolean slash;
    private final Paths read;

    LoosePath(PathTemplate template, Paths read) {
        List<Segment> named = new ArrayList<>();
        long places = 0;
        for (Segment segment : template.segments()) {
            switch (segment) {
                case Segment.Literal(String text) when text.isEmpty() -> {} // a trailing slash
                case Segment.Literal(String text) -> named.add(new Segment.Literal(folded(text, read)));
                case Segment.Variable variable -> {
                    places |= 1L << named.size(); // of PathTemplate's at most 64
                    named.add(variable);
                }
                case Segment.Rest _ -> {}
            }
        }
        this.segments = List.copyOf(named);
        this.variables = places;
        this.rest = template.segments().getLast() instanceof Segment.Rest;
        this.slash = template.text().endsWith("/");
        this.read = read;
    }

    /** Whether only a relaxation admits the canonical path, so that it has more than one reading. */
    static boolean isRelaxed(RequestFacts facts) {
        return facts.tcpPort().isEmpty() && isRelaxed(facts.path());
    }

    private static boolean isRelaxed(String path) {
        return path.indexOf(';') >= 0
                || path.contains("//")
                || (path.indexOf('%') >= 0 && (path.contains("%2F") || path.contains("%2f")));
    }

    /** Against a canonical path; {@code relaxed}: what {@link #isRelaxed} says. */
    boolean matches(String path, boolean relaxed) {
        return relaxed ? matchesSomehow(path) : matchesPlainly(path);
    }

    private boolean matchesPlainly(String path) {
        int start = 1;
        for (Segment segment : segments) {
            if (start >= path.length()) {
                return false;
            }
            int end = PathTemplate.end(path, start);
            if (segment instanceof Segment.Literal(String literal) && !same(literal, path, start, end)) {
                return false;
            }
            start = end + 1;
        }
        boolean ended = start >= path.length()
                && (!read.trailingSlashSignificant() || slash == (path.charAt(path.length() - 1) == '/'));
        return rest || ended;
    }

    /**
     * All readings at once, as a regular expression is matched: {@code at} has a bit for each segment that may be next, {@code within} one for each variable that may go on behind a
     * {@code %2F}. A number of steps that only grows with the path: who sends 8 KB of {@code %2F} does not get to try all their combinations.
     */
    private boolean matchesSomehow(String path) {
        long at = 1;
        long within = 0;
        boolean all = segments.isEmpty(); // are matched
        for (int start = 1; !(rest && all); ) {
            int end = pieceEnd(path, start);
            boolean data = end < path.length() && path.charAt(end) != '/';
            boolean empty = end == start;
            long taken = (at | within) & variables;
            long ended = empty ? taken : taken | literals(at, path, start, end);
            at = ended << 1 | (empty ? at : 0);
            within = data ? taken : 0;
            all = isLast(ended) || (empty && all);
            if (end == path.length()) {
                return all;
            }
            if ((at | within) == 0 && !all) {
                return false;
            }
            start = data ? end + 3 : end + 1;
        }
        return true;
    }

    private boolean isLast(long ended) {
        return !segments.isEmpty() && (ended >>> segments.size() - 1 & 1) != 0;
    }

    /** At the next {@code /} or {@code %2F}. */
    private static int pieceEnd(String path, int start) {
        int at = start;
        while (at < path.length() && path.charAt(at) != '/' && !path.regionMatches(true, at, "%2F", 0, 3)) {
            at++;
        }
        return at;
    }

    /** Those of the segments {@code at} that are literals and the same as this piece of the path. */
    private long literals(long at, String path, int start, int end) {
        int semicolon = path.indexOf(';', start, end);
        int nameEnd = semicolon < 0 ? end : semicolon;
        long same = 0;
        for (long left = at & ~variables; left != 0; left &= left - 1) {
            int i = Long.numberOfTrailingZeros(left);
            if (i < segments.size()
                    && segments.get(i) instanceof Segment.Literal(String literal)
                    && same(literal, path, start, nameEnd)) {
                same |= 1L << i;
            }
        }
        return same;
    }

    private boolean same(String literal, String path, int start, int end) {
        return path.indexOf('%', start, end) < 0
                ? literal.length() == end - start
                        && path.regionMatches(!read.caseSensitive(), start, literal, 0, end - start)
                : folded(path.substring(start, end), read).equals(literal);
    }

    /** A canonical segment decodes in one way only. */
    private static String folded(String segment, Paths read) {
        String decoded = segment.indexOf('%') < 0
                ? segment
                : URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        return read.caseSensitive() ? decoded : decoded.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }
}
