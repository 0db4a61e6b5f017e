package dev.sallyport.policy;

import dev.sallyport.policy.Guardrail.Denial;
import dev.sallyport.policy.Guardrail.LooseMatch;
import dev.sallyport.policy.NaiveCondition.Truth;
import dev.sallyport.policy.PathTemplate.Segment;
import java.util.ArrayList;
import java.util.List;

/** Which requests a denial is about, and whether everything under its {@code unless} holds. */
final class NaiveGuardrails {
    private NaiveGuardrails() {}

    /** Of a request to a service that the denial means. Without any {@code unless} there is no way out. */
    static boolean denies(Denial denial, NaiveRequest request, Paths paths) {
        boolean wayOut = denial.unlessFrom().isPresent()
                || denial.unlessUser().isPresent()
                || !denial.unlessFields().isEmpty()
                || denial.unlessWhen().isPresent();
        return isAbout(denial, request, paths) && !(wayOut && everyUnlessHolds(denial, request));
    }

    /** A {@code when} that fails counts as true. */
    private static boolean isAbout(Denial denial, NaiveRequest request, Paths paths) {
        boolean path = denial.matches().isEmpty()
                || denial.matches().stream().anyMatch(match -> matches(match, request, paths));
        boolean from = denial.from().isEmpty() || request.callerIs(denial.from().get());
        boolean when = denial.when().isEmpty() || request.truth(denial.when().get()) != Truth.FALSE;
        return path && from && when;
    }

    private static boolean everyUnlessHolds(Denial denial, NaiveRequest request) {
        boolean from = denial.unlessFrom().isEmpty()
                || request.callerIs(denial.unlessFrom().get());
        boolean user = denial.unlessUser().isEmpty()
                || request.user(denial.unlessUser().get()).isEmpty();
        boolean fields = denial.unlessFields().stream()
                .allMatch(field -> request.field(field).isEmpty());
        boolean when = denial.unlessWhen().isEmpty()
                || request.truth(denial.unlessWhen().get()) == Truth.TRUE;
        return from && user && fields && when;
    }

    /** A connection has no path, so that no match is about it. */
    private static boolean matches(LooseMatch match, NaiveRequest request, Paths paths) {
        RequestFacts facts = request.facts();
        return facts.tcpPort().isEmpty()
                && match.method()
                        .filter(method -> !method.equals(facts.method()))
                        .isEmpty()
                && loosely(match.path(), facts.path(), paths);
    }

    /** Decoded, any case and with or without a trailing slash where the service does not declare otherwise, and {@code /admin/**} means {@code /admin} too. */
    static boolean loosely(PathTemplate template, String path, Paths paths) {
        if (path.matches(".*(;|//|%2[Ff]).*")) {
            return NaiveReadings.of(path).stream().anyMatch(reading -> has(template, reading, paths));
        }
        boolean rest = template.segments().getLast() instanceof Segment.Rest;
        boolean slashes = path.endsWith("/") == template.text().endsWith("/");
        return has(template, loose(path), paths) && (rest || slashes || !paths.trailingSlashSignificant());
    }

    private static boolean has(PathTemplate template, List<String> segments, Paths paths) {
        List<String> wanted = loose(template.text());
        boolean rest = template.segments().getLast() instanceof Segment.Rest;
        int fixed = rest ? wanted.size() - 1 : wanted.size();
        if (rest ? segments.size() < fixed : segments.size() != fixed) {
            return false;
        }
        for (int i = 0; i < fixed; i++) {
            boolean variable = template.segments().get(i) instanceof Segment.Variable;
            boolean same = paths.caseSensitive()
                    ? wanted.get(i).equals(segments.get(i))
                    : wanted.get(i).equalsIgnoreCase(segments.get(i));
            if (!variable && !same) {
                return false;
            }
        }
        return true;
    }

    private static List<String> loose(String path) {
        List<String> segments = new ArrayList<>(List.of(path.substring(1).split("/", -1)));
        if (segments.getLast().isEmpty()) {
            segments.removeLast();
        }
        segments.replaceAll(NaiveReadings::decoded);
        return segments;
    }
}
