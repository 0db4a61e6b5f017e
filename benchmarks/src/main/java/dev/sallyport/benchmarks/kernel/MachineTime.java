package dev.sallyport.benchmarks.kernel;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Time of all CPUs since the machine started, in ticks of a hundredth of a second: in all, idle, and stolen by the host. proc(5), first line of stat. */
public record MachineTime(long total, long idle, long stolen) {
    private static final int IDLE = 3;
    private static final int IO_WAIT = 4;
    private static final int STEAL = 7;
    private static final int FIELDS = 8; // guest time, behind them, is in user time already

    public static MachineTime now() {
        try {
            return parse(Files.readString(Path.of("/proc/stat")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static MachineTime parse(String stat) {
        String line = stat.lines().findFirst().orElse("");
        String[] words = line.split(" +");
        if (!words[0].equals("cpu") || words.length <= FIELDS) {
            throw new IllegalArgumentException(
                    line + " (expected: cpu and at least " + FIELDS + " numbers of proc(5))");
        }
        long[] ticks =
                Arrays.stream(words, 1, FIELDS + 1).mapToLong(Long::parseLong).toArray();
        return new MachineTime(Arrays.stream(ticks).sum(), ticks[IDLE] + ticks[IO_WAIT], ticks[STEAL]);
    }

    /** What passed since {@code earlier}. */
    public MachineTime since(MachineTime earlier) {
        return new MachineTime(total - earlier.total, idle - earlier.idle, stolen - earlier.stolen);
    }

    public MachineTime plus(MachineTime other) {
        return new MachineTime(total + other.total, idle + other.idle, stolen + other.stolen);
    }

    public double stolenPercent() {
        return 100.0 * stolen / Math.max(1, total);
    }

    /** What neither idled, nor was stolen, nor went into {@code ownNanos} of CPU time: other programs, and the kernel on behalf of nobody. */
    public double othersPercent(long ownNanos) {
        double own = ownNanos / 10_000_000.0;
        return Math.max(0, 100.0 * (total - idle - stolen - own) / Math.max(1, total));
    }
}
