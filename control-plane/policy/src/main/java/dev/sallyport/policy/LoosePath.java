package dev.sallyport.policy;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * A template as the loosest application reads it, for guardrails: any case, percent-encoding decoded, a trailing slash or none, and what stands above {@code /**} as well. An allow
 * rule reads the same template strictly; between the two readings nothing is allowed that a guardrail means.
 */
final class LoosePath {
    private final List<PathTemplate.Segment> segments;
    private final boolean rest;

    LoosePath(PathTemplate template) {
        List<PathTemplate.Segment> read = new ArrayList<>();
        for (PathTemplate.Segment segment : template.segments()) {
            switch (segment) {
                case PathTemplate.Segment.Literal(String text) when text.isEmpty() -> {} // a trailing slash
                case PathTemplate.Segment.Literal(String text) ->
                    read.add(new PathTemplate.Segment.Literal(folded(text)));
                case PathTemplate.Segment.Variable variable -> read.add(variable);
                case PathTemplate.Segment.Rest _ -> {}
            }
        }
        this.segments = List.copyOf(read);
        this.rest = template.segments().getLast() instanceof PathTemplate.Segment.Rest;
    }

    /** Against a canonical path. */
    boolean matches(String canonicalPath) {
        int start = 1;
        for (PathTemplate.Segment segment : segments) {
            if (start >= canonicalPath.length()) {
                return false;
            }
            int end = PathTemplate.end(canonicalPath, start);
            if (segment instanceof PathTemplate.Segment.Literal(String literal)
                    && !same(literal, canonicalPath, start, end)) {
                return false;
            }
            start = end + 1;
        }
        return rest || start >= canonicalPath.length();
    }

    private static boolean same(String literal, String path, int start, int end) {
        int encoded = path.indexOf('%', start);
        return encoded < 0 || encoded >= end
                ? literal.length() == end - start && path.regionMatches(true, start, literal, 0, end - start)
                : folded(path.substring(start, end)).equals(literal);
    }

    /** A canonical segment decodes in one way only. */
    private static String folded(String segment) {
        String decoded = segment.indexOf('%') < 0
                ? segment
                : URLDecoder.decode(segment.replace("+", "%2B"), StandardCharsets.UTF_8);
        return decoded.toUpperCase(Locale.ROOT).toLowerCase(Locale.ROOT);
    }
}
