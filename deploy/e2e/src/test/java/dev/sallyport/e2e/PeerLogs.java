package dev.sallyport.e2e;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;

/** What the other side said belongs to a failure: its log goes into the report, behind what failed. */
final class PeerLogs implements TestExecutionExceptionHandler {
    private final List<Supplier<String>> logs = new CopyOnWriteArrayList<>();

    void add(Supplier<String> log) {
        logs.add(log);
    }

    @Override
    public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
        logs.forEach(log -> failure.addSuppressed(new Said(log.get())));
        throw failure;
    }

    /** Without a stack of its own. */
    private static final class Said extends Exception {
        private static final long serialVersionUID = 1;

        Said(String log) {
            super(log, null, false, false);
        }
    }
}
