package dev.sallyport.benchmarks.kernel;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;

/**
 * The CPU clock of a process: user and system time of all its threads in nanoseconds, also of those that ended. {@code /proc/PID/stat} says the same in hundredths of a second, and the {@code schedstat} of its tasks forgets
 * the compiler threads that a JVM ends when it is idle.
 */
public final class ProcessClock {
    private static final MethodHandle CLOCK_GETTIME = Linker.nativeLinker()
            .downcallHandle(
                    Linker.nativeLinker().defaultLookup().find("clock_gettime").orElseThrow(),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS));

    private static final int TIMESPEC_BYTES = 16;

    private ProcessClock() {}

    /** {@link IllegalStateException} when there is no such process. */
    public static long nanos(long pid) {
        int clock = ~(int) pid << 3
                | 2; // clock_getcpuclockid(3), as the C library computes it: whole process, by the scheduler
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment time = arena.allocate(TIMESPEC_BYTES, Long.BYTES);
            int failed = (int) CLOCK_GETTIME.invokeExact(clock, time);
            if (failed != 0) {
                throw new IllegalStateException("process " + pid + ": has no CPU clock (expected: a live process)");
            }
            return time.get(JAVA_LONG, 0) * 1_000_000_000L + time.get(JAVA_LONG, Long.BYTES);
        } catch (RuntimeException | Error e) {
            throw e;
        } catch (Throwable e) {
            throw new IllegalStateException("clock_gettime", e);
        }
    }
}
