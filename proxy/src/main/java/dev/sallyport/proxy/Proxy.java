package dev.sallyport.proxy;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Problem;
import dev.sallyport.proxy.drain.Stop;
import dev.sallyport.proxy.log.LibraryLogs;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.state.StateFolder;
import dev.sallyport.proxy.state.StateRefusedException;
import dev.sallyport.proxy.svid.JoinException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** {@code sallyport proxy}: reads its configuration, takes its state folder, serves until it is told to stop. Every failure at start is one line and an exit code. */
public final class Proxy {
    private static final int OK = 0;
    private static final int FAILURE = 1;
    private static final int USAGE = 2;
    private static final int INVALID = 3;
    private static final int TIMEOUT = 7;

    private Proxy() {}

    public static void main(String[] arguments) {
        // Before any class of TLS loads: a resumed TLS 1.3 session would skip the check of the peer's certificate.
        System.setProperty("jdk.tls.server.enableSessionTicketExtension", "false");
        System.setProperty("jdk.tls.client.enableSessionTicketExtension", "false");
        WarmUp.signatures();
        LibraryLogs.install();
        Thread warmUp = WarmUp.tls();
        Thread.setDefaultUncaughtExceptionHandler((thread, defect) -> Log.defect("thread " + thread.getName(), defect));
        Stop stop = new Stop();
        int code = run(List.of(arguments), stop, warmUp);
        Log.flush(Duration.ofSeconds(1));
        stop.done();
        // Not exit(): when a signal brought us here, the JVM is shutting down already and would end with the signal's
        // code.
        Runtime.getRuntime().halt(code);
    }

    private static int run(List<String> arguments, Stop stop, Thread warmUp) {
        try {
            Flags flags = Flags.parse(arguments, System.getenv());
            if (flags.help()) {
                System.out.print(Flags.usage());
                System.out.flush();
                return OK;
            }
            ProxyConfig config = ProxyConfig.load(flags);
            stop.onSignal(config.drain()
                    .delay()
                    .plus(config.drain().deadline())
                    .plus(config.audit().shipTimeout())
                    .plusSeconds(5));
            if (flags.endWithStdin()) {
                stop.onEndOfStdin();
            }
            try (StateFolder state = StateFolder.open(config.stateDirectory())) {
                warmUp.join();
                try (Sidecar sidecar = new Sidecar(config, state, stop)) {
                    sidecar.serve();
                }
            }
            return OK;
        } catch (UsageException e) {
            return refuse(USAGE, e.getMessage());
        } catch (InvalidDocumentException e) {
            e.problems().forEach(problem -> refuse(INVALID, text(problem)));
            return INVALID;
        } catch (StateRefusedException e) {
            return refuse(FAILURE, e.getMessage());
        } catch (JoinException e) {
            return switch (e.kind()) {
                case REFUSED -> refuse(FAILURE, e.getMessage());
                case INVALID -> refuse(INVALID, e.getMessage());
                case TIMEOUT -> refuse(TIMEOUT, e.getMessage());
            };
        } catch (NoSuchFileException e) {
            return refuse(
                    INVALID,
                    e.getMessage() + ": no such file (expected: the sidecar's configuration, or a file that it names)");
        } catch (ClosedByInterruptException e) {
            return OK; // told to stop in the middle of a file
        } catch (IOException e) {
            return refuse(FAILURE, e.getMessage());
        } catch (InterruptedException e) {
            return OK; // told to stop before there was anything to serve
        } catch (RuntimeException | Error e) {
            Log.defect("sidecar ended by a defect", e);
            return refuse(FAILURE, "internal error, the log above has the details");
        }
    }

    /** A flag or variable has no line and column. */
    private static String text(Problem problem) {
        String file = problem.location().file();
        return file.startsWith("--") || file.startsWith("SALLYPORT_")
                ? file + ": " + problem.code() + " " + problem.path() + ": " + problem.message()
                : problem.toString();
    }

    private static int refuse(int code, @Nullable String message) {
        Log.flush(Duration.ofSeconds(1));
        System.err.println("sallyport: " + message);
        return code;
    }
}
