package dev.sallyport.cli.tests;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Problem;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Does something with some files, and again whenever their text changes. Looks at the text itself: editors replace files, and some file systems tell nobody. */
final class Watch {
    /** From a save to the next look. */
    private static final int POLL_MILLIS = 300;

    /** ECMA-48: erase the screen, go to its beginning. */
    private static final String CLEAR = "\u001b[2J\u001b[H";

    private final Invocation invocation;
    private final List<Path> paths;

    /** What is done with the files; what goes wrong is shown, and ends nothing. */
    interface Action {
        ExitCode with(List<Source> sources) throws CliException, IOException, InvalidDocumentException;
    }

    /** The files at one moment, or why they could not be read: half of a save is no reason to stop. */
    private record Seen(List<Source> sources, Optional<String> problem) {}

    Watch(Invocation invocation, List<Path> paths) {
        this.invocation = invocation;
        this.paths = paths;
    }

    /** Until the thread is interrupted, or Ctrl-C ends the process; the last outcome. */
    ExitCode each(Action action) {
        Seen seen = look();
        while (true) {
            if (invocation.terminal()) {
                invocation.printRaw(CLEAR);
            }
            ExitCode outcome = show(seen, action);
            invocation.say("watching; Ctrl-C ends it");
            try {
                seen = awaitChange(seen);
            } catch (InterruptedException ended) {
                Thread.currentThread().interrupt();
                return outcome;
            }
        }
    }

    private Seen look() {
        try {
            return new Seen(Source.readAll(paths), Optional.empty());
        } catch (IOException unreadable) {
            return new Seen(List.of(), Optional.of(String.valueOf(unreadable.getMessage())));
        }
    }

    private Seen awaitChange(Seen before) throws InterruptedException {
        Seen now = before;
        while (now.equals(before)) {
            Thread.sleep(POLL_MILLIS);
            now = look();
        }
        return now;
    }

    private ExitCode show(Seen seen, Action action) {
        if (seen.problem().isPresent()) {
            invocation.print(seen.problem().get());
            return ExitCode.FAILURE;
        }
        try {
            return action.with(seen.sources());
        } catch (InvalidDocumentException invalid) {
            invalid.problems().stream().map(Problem::toString).forEach(invocation::print);
            return ExitCode.INVALID;
        } catch (CliException refused) {
            invocation.print(String.valueOf(refused.getMessage()));
            return refused.exitCode();
        } catch (IOException failed) {
            invocation.print(String.valueOf(failed.getMessage()));
            return ExitCode.FAILURE;
        }
    }
}
