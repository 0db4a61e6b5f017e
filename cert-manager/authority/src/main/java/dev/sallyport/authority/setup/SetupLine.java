package dev.sallyport.authority.setup;

import java.util.Collection;

/** One thing that was looked at or done in Vault. {@code where}: the path below {@code /v1/}; {@code what}: the property with its value and, when it is wrong, the expected one. No secrets. */
public record SetupLine(Outcome outcome, String where, String what) {
    /** How it stands. */
    public enum Outcome {
        HOLDS("√"),
        /** Works, but somebody should look at it. */
        DOUBTFUL("‼"),
        /** {@code --apply} would mend it. */
        WRONG("×"),
        /** Wrong, and not ours to change: nothing at all is changed while there is one of these. */
        FOREIGN("×"),
        DONE("+"),
        KEPT("=");

        private final String mark;

        Outcome(String mark) {
            this.mark = mark;
        }

        public String mark() {
            return mark;
        }
    }

    static SetupLine holds(String where, String what) {
        return new SetupLine(Outcome.HOLDS, where, what);
    }

    static SetupLine doubtful(String where, String what) {
        return new SetupLine(Outcome.DOUBTFUL, where, what);
    }

    static SetupLine wrong(String where, String what) {
        return new SetupLine(Outcome.WRONG, where, what);
    }

    static SetupLine foreign(String where, String what) {
        return new SetupLine(Outcome.FOREIGN, where, what);
    }

    static SetupLine done(String where, String what) {
        return new SetupLine(Outcome.DONE, where, what);
    }

    static SetupLine kept(String where) {
        return new SetupLine(Outcome.KEPT, where, "kept");
    }

    /** Whether it keeps the mesh from working as it should. */
    public boolean isWrong() {
        return outcome == Outcome.WRONG || outcome == Outcome.FOREIGN;
    }

    /** Whether everything is as it should be. */
    public static boolean allHold(Collection<SetupLine> lines) {
        return lines.stream().noneMatch(SetupLine::isWrong);
    }

    /** For logs: {@code pki_mesh/roles/mesh-leaf: allow_ip_sans: true (expected: false)}. */
    public String sentence() {
        return where + ": " + what;
    }

    @Override
    public String toString() {
        return outcome.mark + " " + sentence();
    }
}
