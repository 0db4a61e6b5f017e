package dev.sallyport.cli;

import java.util.List;

/**
 * Ends a command with one line on stderr: what, the value, what was expected. {@code details} follow it, a line each (every problem of a document set). Stackless: it is for
 * people.
 */
public class CliException extends Exception {
    private static final long serialVersionUID = 1;

    private final ExitCode exitCode;
    private final transient List<String> details;

    public CliException(ExitCode exitCode, String message, List<String> details) {
        super(message, null, false, false);
        this.exitCode = exitCode;
        this.details = List.copyOf(details);
    }

    public CliException(ExitCode exitCode, String message) {
        this(exitCode, message, List.of());
    }

    /** With {@link ExitCode#FAILURE}. */
    public CliException(String message) {
        this(ExitCode.FAILURE, message);
    }

    public ExitCode exitCode() {
        return exitCode;
    }

    /** In the order in which they are printed. */
    public List<String> details() {
        return details;
    }
}
