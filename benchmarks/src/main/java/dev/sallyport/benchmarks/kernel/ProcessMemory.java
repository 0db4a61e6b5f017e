package dev.sallyport.benchmarks.kernel;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Memory of a process in bytes, of smaps_rollup: {@code resident}, {@code privateBytes} (not shared with any other process) and {@code proportional} (what is shared counts by its share); and of status {@code peak}, that of the
 * resident since the start or the last {@link #resetPeak}.
 */
public record ProcessMemory(long resident, long privateBytes, long proportional, long peak) {
    public static final ProcessMemory NONE = new ProcessMemory(0, 0, 0, 0);

    public static ProcessMemory of(long pid) throws IOException {
        Path folder = Path.of("/proc", String.valueOf(pid));
        return parse(Files.readString(folder.resolve("smaps_rollup")), Files.readString(folder.resolve("status")));
    }

    static ProcessMemory parse(String smapsRollup, String status) {
        return new ProcessMemory(
                kilobytes(smapsRollup, "Rss") * 1024,
                (kilobytes(smapsRollup, "Private_Clean") + kilobytes(smapsRollup, "Private_Dirty")) * 1024,
                kilobytes(smapsRollup, "Pss") * 1024,
                kilobytes(status, "VmHWM") * 1024);
    }

    /** From now on the peak is that of what comes. proc(5), clear_refs. */
    public static void resetPeak(long pid) throws IOException {
        Files.writeString(Path.of("/proc", String.valueOf(pid), "clear_refs"), "5");
    }

    /** Of processes that do one work together; what they share counts in each. */
    public ProcessMemory plus(ProcessMemory other) {
        return new ProcessMemory(
                resident + other.resident,
                privateBytes + other.privateBytes,
                proportional + other.proportional,
                peak + other.peak);
    }

    private static long kilobytes(String text, String key) {
        String line = text.lines()
                .filter(candidate -> candidate.startsWith(key + ":"))
                .findFirst()
                .orElseThrow(
                        () -> new IllegalArgumentException(key + ": missing (expected: a line KEY: N kB of proc(5))"));
        String[] words = line.substring(key.length() + 1).strip().split(" ");
        if (words.length != 2 || !words[1].equals("kB")) {
            throw new IllegalArgumentException(line + " (expected: " + key + ": N kB)");
        }
        return Long.parseLong(words[0]);
    }
}
