package dev.sallyport.policy;

import dev.sallyport.document.Problems;
import dev.sallyport.document.Text;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import java.util.List;
import java.util.Optional;

/**
 * {@code spiffe://shop.example/ns/*}{@code /sa/**}: {@code *} is one whole segment, {@code **} at the end one or more. The trust domain is literal. Compared segment by segment: no regular
 * expression touches an identity.
 */
record SpiffePattern(TrustDomain trustDomain, List<String> segments) {
    private static final String ONE = "*";
    private static final String REST = "**";

    SpiffePattern {
        segments = List.copyOf(segments);
    }

    /** Whether a text in {@code from} is meant as a pattern, perhaps a wrong one. */
    static boolean isPattern(String text) {
        return text.startsWith("spiffe:") && text.indexOf('*') >= 0;
    }

    /** Empty, with a problem, for what is none. */
    static Optional<SpiffePattern> parse(Text text, Problems problems) {
        String pattern = text.text();
        int slash = pattern.indexOf('/', "spiffe://".length());
        String domain = slash < 0 ? pattern : pattern.substring(0, slash);
        if (domain.indexOf('*') >= 0) {
            return refused(text, problems, "a trust domain by its name, and * and ** in the path only");
        }
        List<String> segments = List.of(pattern.substring(slash + 1).split("/", -1));
        for (String segment : segments.subList(0, segments.size() - 1)) {
            if (segment.equals(REST)) {
                return refused(text, problems, "** as the last segment only; * for one segment before it");
            }
        }
        if (segments.stream().anyMatch(segment -> segment.indexOf('*') >= 0 && !wildcard(segment))) {
            return refused(text, problems, "* for one whole segment or ** for the rest, never a part of a segment");
        }
        // What is not a wildcard must be as strict as in an identity.
        String sample = String.join(
                "/",
                segments.stream()
                        .map(segment -> wildcard(segment) ? "x" : segment)
                        .toList());
        return Identities.id(new Text(text.location(), text.path(), domain + "/" + sample), problems)
                .map(id -> new SpiffePattern(id.trustDomain(), segments));
    }

    private static Optional<SpiffePattern> refused(Text text, Problems problems, String expected) {
        text.problem(problems, Codes.PATTERN, text.text() + " (expected: " + expected + ")");
        return Optional.empty();
    }

    private static boolean wildcard(String segment) {
        return segment.equals(ONE) || segment.equals(REST);
    }

    boolean matches(SpiffeId id) {
        if (!id.trustDomain().equals(trustDomain)) {
            return false;
        }
        String[] path = id.path().substring(1).split("/", -1);
        boolean rest = segments.getLast().equals(REST);
        if (rest ? path.length < segments.size() : path.length != segments.size()) {
            return false;
        }
        for (int i = 0; i < segments.size(); i++) {
            if (!wildcard(segments.get(i)) && !segments.get(i).equals(path[i])) {
                return false;
            }
        }
        return true;
    }
}
