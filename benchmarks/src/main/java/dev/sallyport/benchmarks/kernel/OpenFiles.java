package dev.sallyport.benchmarks.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** How many files, of which connections are some, a process may have open. */
public final class OpenFiles {
    private static final String KEY = "Max open files";

    private OpenFiles() {}

    /** Of this process, and of those that it starts: the JVM has raised it as far as it may go. */
    public static long limit() throws IOException {
        return parse(Files.readString(Path.of("/proc/self/limits")));
    }

    static long parse(String limits) {
        String line = limits.lines()
                .filter(candidate -> candidate.startsWith(KEY))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        KEY + ": missing (expected: a line of proc(5), /proc/PID/limits)"));
        String soft = line.substring(KEY.length()).strip().split(" +")[0];
        return soft.equals("unlimited") ? Long.MAX_VALUE : Long.parseLong(soft);
    }
}
