package dev.sallyport.benchmarks.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.stream.Stream;

/** CPU time of some threads of a process, by the scheduler's own account: {@code /proc/PID/task/TID/schedstat}. Of threads that live as long as what is measured. */
public final class ThreadClock {
    private ThreadClock() {}

    /** Of all whose name begins with {@code prefix}, in nanoseconds; the kernel knows 15 characters of a name. */
    public static long nanos(long pid, String prefix) throws IOException {
        long sum = 0;
        try (Stream<Path> tasks = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
            for (Path task : tasks.toList()) {
                try {
                    if (Files.readString(task.resolve("comm")).startsWith(prefix)) {
                        String account = Files.readString(task.resolve("schedstat"));
                        sum += Long.parseLong(account.substring(0, account.indexOf(' ')));
                    }
                } catch (NoSuchFileException ended) {
                    // None of those that are meant.
                }
            }
        }
        return sum;
    }
}
