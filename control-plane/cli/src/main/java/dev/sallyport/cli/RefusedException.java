package dev.sallyport.cli;

import java.util.List;

/** The control plane answered, and said no: {@code status} and, as the message, its own {@code detail}. RFC 9457. */
public final class RefusedException extends CliException {
    private static final long serialVersionUID = 1;

    private final int status;

    RefusedException(int status, String message, List<String> problems) {
        super(status == 422 ? ExitCode.INVALID : ExitCode.FAILURE, message, problems);
        this.status = status;
    }

    /** HTTP. */
    public int status() {
        return status;
    }
}
