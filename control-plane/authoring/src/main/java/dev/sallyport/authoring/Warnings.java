package dev.sallyport.authoring;

import dev.sallyport.document.Problem;
import java.util.ArrayList;
import java.util.List;

/** Collects what is allowed and doubtful, each at its place. One thread. */
final class Warnings {
    private final Places places;
    private final List<Finding> findings = new ArrayList<>();

    Warnings(Places places) {
        this.places = places;
    }

    /** At the last part of {@code path} that is written in the document of this kind and name. */
    void add(String kind, String document, List<String> path, String code, String message) {
        Problem problem = new Problem(places.of(kind, document, path), String.join(".", path), code, message);
        findings.add(new Finding(Finding.Severity.WARNING, problem));
    }

    List<Finding> list() {
        return List.copyOf(findings);
    }
}
