package dev.sallyport.policy;

import dev.sallyport.document.Location;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Text;
import dev.sallyport.policy.RoutePolicy.Match;
import java.util.Optional;

/** The matches of one policy: reads each, and refuses two of which a request could not tell which one is meant. */
final class Matches {
    /** In one policy. A sidecar's memory is sized for it. */
    static final int MAX = 10_000;

    private final Problems problems;
    private final RouteIndex<Placed> index = new RouteIndex<>();
    private int count;

    /** A match with its place, for messages. */
    private record Placed(Match.Http match, String route, Location location, String path) {}

    Matches(Problems problems) {
        this.problems = problems;
    }

    /** {@code POST /charges/{id}}: a method, one blank, a template. Empty, with a problem, otherwise. */
    Optional<Match> read(String route, Text text) {
        int blank = text.text().indexOf(' ');
        String method = blank < 0 ? "" : text.text().substring(0, blank);
        if (!Methods.isMethod(method)) {
            text.problem(
                    problems,
                    Codes.MATCH,
                    text.text() + " (expected: METHOD /path, as POST /charges/{id}; each method by its name, in upper"
                            + " case, and not CONNECT)");
            return Optional.empty();
        }
        if (++count == MAX + 1) {
            text.problem(problems, Codes.MATCHES_TOO_MANY, "too many matches (expected: at most " + MAX + ")");
        }
        try {
            Match.Http match =
                    new Match.Http(method, PathTemplate.parse(text.text().substring(blank + 1)));
            addUnlessAmbiguous(new Placed(match, route, text.location(), text.path()));
            return Optional.of(match);
        } catch (IllegalArgumentException invalid) {
            text.problem(problems, Codes.MATCH, text.text() + " (" + invalid.getMessage() + ")");
            return Optional.empty();
        }
    }

    /** The first clash of each match, naming both places. Within one route, too: a record names one template. */
    private void addUnlessAmbiguous(Placed later) {
        String method = later.match().method();
        PathTemplate path = later.match().path();
        Optional<Placed> clash = index.overlapping(method, path).stream()
                .filter(earlier -> clash(earlier.match().path(), path))
                .findFirst();
        clash.ifPresentOrElse(earlier -> refuse(earlier, later), () -> index.add(method, path, later));
    }

    private static boolean clash(PathTemplate a, PathTemplate b) {
        return switch (a.overlap(b)) {
            case SAME, CROSSING -> true;
            case NONE, WITHIN, CONTAINS -> false;
        };
    }

    private void refuse(Placed earlier, Placed later) {
        problems.add(
                later.location(),
                later.path(),
                Codes.MATCH_AMBIGUOUS,
                later.match() + " of route " + later.route() + " cannot be told apart from " + earlier.match()
                        + " of route " + earlier.route() + " at " + earlier.location()
                        + " (expected: templates of which one is more specific, or no path in common)");
    }
}
