package dev.sallyport.authoring.diff;

import java.util.List;

/**
 * One line of a diff. {@code subject}: {@code catalog → payment POST /charges}, or what else changed ({@code issuer shop}); {@code detail}: by which rules, from what to what.
 */
public record Change(Kind kind, List<String> callers, String subject, String detail, boolean widening) {
    /** What became of it. */
    public enum Kind {
        NEWLY_ALLOWED,
        NEWLY_DENIED,
        /** Allowed before and after, by rules of which the new ones are not proven to be as narrow as the old ones. */
        WIDENED,
        /** Allowed before and after, and every new rule is within an old one. */
        NARROWED,
        /** Of the mesh, of a guardrail, of a route: not of one caller. */
        SETTING
    }

    public Change {
        callers = List.copyOf(callers);
    }
}
