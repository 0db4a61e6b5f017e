package dev.sallyport.authoring.diff;

import dev.sallyport.policy.PathTemplate;
import java.util.Optional;

/** A request as people ask after it: {@code POST /charges/c1/refunds}, {@code GET /charges/{id}}, {@code /charges/**} for every method, {@code tcp 5432}. */
record Requested(String text, Optional<String> method, Optional<PathTemplate> path) {
    static Requested of(String text) {
        int blank = text.indexOf(' ');
        String path = text.substring(blank + 1);
        if (!path.startsWith("/")) {
            return new Requested(text, Optional.empty(), Optional.empty());
        }
        Optional<String> method = blank < 0 ? Optional.empty() : Optional.of(text.substring(0, blank));
        return new Requested(text, method, Optional.of(PathTemplate.parse(path)));
    }

    /** Whether a cell, by its label, has a request of these. */
    boolean isMeantBy(String label) {
        String request = label.split(" at ", 2)[0];
        if (path.isEmpty()) {
            return request.equals(text);
        }
        int blank = request.indexOf(' ');
        return request.substring(blank + 1).startsWith("/")
                && (method.isEmpty() || method.get().equals(request.substring(0, blank)))
                && path.get().overlap(PathTemplate.parse(request.substring(blank + 1))) != PathTemplate.Overlap.NONE;
    }
}
