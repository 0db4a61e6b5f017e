package dev.sallyport.authoring.tests;

import dev.sallyport.authoring.tests.PolicyTest.Pattern;
import dev.sallyport.policy.Guardrail.LooseMatch;
import dev.sallyport.policy.PathTemplate;
import dev.sallyport.policy.PathTemplate.Overlap;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.Route;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The requests that are of each of {@code within}: what a pattern and a match have in common. Without {@code method} those of every one; without {@code within} connections to an
 * opaque port.
 */
record Area(Optional<String> method, List<PathTemplate> within) {
    private static final String REST = "/**";

    Area {
        within = List.copyOf(within);
    }

    /** What a pattern means, whatever route it meets. */
    static List<Area> of(Pattern pattern) {
        return switch (pattern) {
            case Pattern.Tcp _ -> List.of(new Area(Optional.empty(), List.of()));
            case Pattern.Http(Optional<String> method, PathTemplate path) ->
                meant(path).map(one -> new Area(method, List.of(one))).toList();
        };
    }

    /** What of a pattern {@code match} answers to; empty when they have no request in common. */
    static List<Area> common(Pattern pattern, Match match) {
        return switch (match) {
            case Match.Http(String method, PathTemplate path) -> common(pattern, method, path);
            case Match.Grpc(PathTemplate path) -> common(pattern, "POST", path);
            case Match.Tcp(int port) ->
                pattern instanceof Pattern.Tcp tcp && tcp.port() == port ? of(pattern) : List.of();
        };
    }

    private static List<Area> common(Pattern pattern, String method, PathTemplate path) {
        return of(pattern).stream()
                .filter(area -> area.method().isEmpty() || area.method().get().equals(method))
                .flatMap(area -> area.within().stream())
                .filter(meant -> meant.overlap(path) != Overlap.NONE)
                .map(meant -> new Area(Optional.of(method), List.of(meant, path)))
                .toList();
    }

    /** {@code /admin/**} means {@code /admin} and {@code /admin/} too, as in a guardrail: who states an invariant of a folder means its front page as well. */
    private static Stream<PathTemplate> meant(PathTemplate path) {
        if (!path.text().endsWith(REST)) {
            return Stream.of(path);
        }
        String above = path.text().substring(0, path.text().length() - REST.length());
        return Stream.of(path.text(), above.isEmpty() ? "/" : above, above + "/")
                .distinct()
                .map(PathTemplate::parse);
    }

    /** A match with its route. */
    record Placed(Route route, Match match) {}

    /** Whether every request here goes to one of {@code others}, of the same policy, because it is more specific than {@code match}. */
    boolean isTakenFrom(Placed match, List<Placed> others) {
        return others.stream()
                .filter(other -> answersWherever(other.route(), match.route()))
                .anyMatch(other -> isMoreSpecific(other.match(), match.match()) && isWithin(other.match()));
    }

    /** A route that names the host wins over one that names none, however specific. */
    private static boolean answersWherever(Route other, Route route) {
        return other.hosts().isEmpty() == route.hosts().isEmpty()
                && other.hosts().containsAll(route.hosts());
    }

    private static boolean isMoreSpecific(Match other, Match match) {
        return method(other).equals(method(match))
                && other.template().isPresent()
                && match.template().isPresent()
                && other.template().get().overlap(match.template().get()) == Overlap.WITHIN;
    }

    private static Optional<String> method(Match match) {
        return switch (match) {
            case Match.Http http -> Optional.of(http.method());
            case Match.Grpc _ -> Optional.of("POST");
            case Match.Tcp _ -> Optional.empty();
        };
    }

    /** Whether {@code match} has every request here. */
    boolean isWithin(Match match) {
        return match.template().filter(this::isWithin).isPresent();
    }

    private boolean isWithin(PathTemplate template) {
        return within.stream()
                .map(one -> one.overlap(template))
                .anyMatch(overlap -> overlap == Overlap.SAME || overlap == Overlap.WITHIN);
    }

    /** Whether a denial's match is surely about every request here. Stricter than the guardrail's own loose reading: at most a false alarm, never a false promise. */
    boolean isWithin(LooseMatch match) {
        return (match.method().isEmpty() || match.method().equals(method))
                && meant(match.path()).anyMatch(this::isWithin);
    }
}
