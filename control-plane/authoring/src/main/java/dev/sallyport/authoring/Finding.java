package dev.sallyport.authoring;

import dev.sallyport.document.Problem;

/** A problem with its weight: an error refuses the set, a warning does not. */
public record Finding(Severity severity, Problem problem) {
    /** How heavy. */
    public enum Severity {
        ERROR,
        WARNING
    }
}
