package dev.sallyport.cli.run;

import dev.sallyport.cli.OsSignal;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Passes SIGTERM, SIGINT and SIGHUP on to the command, so that it ends as if nobody stood between. Before there is a command a signal interrupts the thread that made this object.
 * {@link #close} gives the signals back.
 */
final class Signals implements AutoCloseable {
    private final boolean terminal;
    private final Thread starter = Thread.currentThread();
    private final List<Runnable> restore;
    private Optional<Process> command = Optional.empty(); // guarded by this
    private Optional<OsSignal> first = Optional.empty(); // guarded by this

    /** {@code terminal}: Ctrl-C there reaches the command by itself; a second SIGINT would tell it to hurry. */
    Signals(boolean terminal) {
        this.terminal = terminal;
        this.restore = Arrays.stream(OsSignal.values())
                .map(signal -> signal.intercept(this::received))
                .toList();
    }

    /** From now on signals go to {@code process}. */
    synchronized void passTo(Process process) {
        command = Optional.of(process);
        if (first.isPresent()) {
            process.destroy(); // came between the last look and now
        }
    }

    /** The first signal that came, if any did. */
    synchronized Optional<OsSignal> first() {
        return first;
    }

    private synchronized void received(OsSignal signal) {
        if (first.isEmpty()) {
            first = Optional.of(signal);
        }
        if (command.isEmpty()) {
            starter.interrupt();
        } else if (signal == OsSignal.TERM) {
            command.get().destroy();
        } else if (!terminal) {
            kill(signal, command.get().pid());
        }
    }

    /** The shell's own kill: a container may have no other. */
    private static void kill(OsSignal signal, long pid) {
        try {
            new ProcessBuilder("/bin/sh", "-c", "kill -" + signal + " " + pid).start();
        } catch (IOException e) {
            // No shell: SIGTERM still works, by another way.
        }
    }

    @Override
    public void close() {
        restore.forEach(Runnable::run);
    }
}
