package dev.sallyport.cli;

import java.util.LinkedHashMap;
import java.util.Map;

/** How a command ends; one table for all of them. */
public enum ExitCode {
    OK(0, "ok"),
    FAILURE(1, "failure"),
    USAGE(2, "wrong usage"),
    INVALID(3, "invalid document or configuration, or a lint error"),
    TESTS_FAILED(4, "tests failed"),
    FINDINGS(5, "completed with findings: a widening; a deny, a warning or an impact only with --exit-code"),
    UNVERIFIED(6, "verification failed: audit chain, count of records"),
    TIMEOUT(7, "timeout while waiting");

    private final int number;
    private final String meaning;

    ExitCode(int number, String meaning) {
        this.number = number;
        this.meaning = meaning;
    }

    /** What the shell sees. */
    public int number() {
        return number;
    }

    /** For the end of {@code --help}. */
    static Map<String, String> table() {
        Map<String, String> table = new LinkedHashMap<>();
        for (ExitCode code : values()) {
            table.put(" " + code.number, code.meaning);
        }
        return table;
    }
}
