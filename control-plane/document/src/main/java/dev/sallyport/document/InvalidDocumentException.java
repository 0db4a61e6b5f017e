package dev.sallyport.document;

import java.util.List;
import java.util.stream.Collectors;

/** A document or configuration that was refused as a whole; the message is every problem, a line each. Stackless. */
public final class InvalidDocumentException extends Exception {
    private static final long serialVersionUID = 1;

    private final transient List<Problem> problems;

    public InvalidDocumentException(List<Problem> problems) {
        super(problems.stream().map(Problem::toString).collect(Collectors.joining("\n")), null, false, false);
        this.problems = List.copyOf(problems);
    }

    /** At least one, in the order of discovery. */
    public List<Problem> problems() {
        return problems;
    }
}
