package dev.sallyport.proxy.net;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which threads of this process the kernel lets in first. Not on an event loop: making one links native code, which takes tens of milliseconds. No privilege is needed for any of it, and no thread gets a larger share of the CPU.
 */
public final class Scheduling {
    /** The least that the kernel takes. */
    private static final long SLICE_NANOS = 100_000;

    private static final int ATTRIBUTES_BYTES = 48; // SCHED_ATTR_SIZE_VER0 of sched_setattr(2)
    private static final int POLICY = 4;
    private static final int RUNTIME = 24;
    private static final int SCHED_OTHER = 0;
    private static final int PRIO_PROCESS = 0;

    private final Calls calls;

    /** {@link IOException}: this system has none of it. */
    public Scheduling() throws IOException {
        calls = new Calls();
    }

    /**
     * A short time slice for all threads whose names begin with {@code prefix}: the scheduler of Linux 6.12 and later (EEVDF) lets a thread of a short slice in before one of a usual slice (3 ms) has used all of its own. What an event loop does
     * for a request takes microseconds, but behind a compiler thread, the log's writer or somebody else's program it would wait for whole milliseconds to begin. How many have it now: none on an older kernel, which takes the call and
     * changes nothing. sched_setattr(2)
     */
    public int shorten(String prefix) throws IOException {
        int shortened = 0;
        for (int thread : threads(prefix)) {
            if (calls.shorten(thread)) {
                shortened++;
            }
        }
        return shortened;
    }

    /**
     * Threads whose names begin with {@code prefix} yield to others that want the CPU, those that they start later too. How many do. setpriority(2), which for Linux is a thread's.
     *
     * @param nice 1 to 19, the kernel's word: each step is a tenth less of a CPU that others want as well
     */
    public int giveWay(String prefix, int nice) throws IOException {
        int yielding = 0;
        for (int thread : threads(prefix)) {
            if (calls.giveWay(thread, nice)) {
                yielding++;
            }
        }
        return yielding;
    }

    /** By the kernel's numbers. */
    private static List<Integer> threads(String prefix) throws IOException {
        List<Integer> threads = new ArrayList<>();
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            for (Path task : tasks.toList()) {
                try {
                    if (Files.readString(task.resolve("comm")).startsWith(prefix)) {
                        threads.add(Integer.parseInt(task.getFileName().toString()));
                    }
                } catch (IOException ended) {
                    // As a compiler thread may at any time.
                }
            }
        }
        return threads;
    }

    /** System calls; two of them the C library has no names for before glibc 2.41. */
    private static final class Calls {
        private final MethodHandle syscall;
        private final MethodHandle setpriority;
        private final long set;
        private final long get;

        @SuppressWarnings(
                "restricted") // The one place where the sidecar calls the system itself: with numbers of its own, and
        // 48 bytes.
        Calls() throws IOException {
            switch (System.getProperty("os.name") + " " + System.getProperty("os.arch")) {
                case "Linux amd64" -> {
                    set = 314;
                    get = 315;
                }
                case "Linux aarch64" -> {
                    set = 274;
                    get = 275;
                }
                default -> throw new IOException("not on this system");
            }
            Linker linker = Linker.nativeLinker();
            syscall = linker.downcallHandle(
                    linker.defaultLookup().find("syscall").orElseThrow(() -> new IOException("no syscall(2)")),
                    FunctionDescriptor.of(JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
                    Linker.Option.firstVariadicArg(1));
            setpriority = linker.downcallHandle(
                    linker.defaultLookup().find("setpriority").orElseThrow(() -> new IOException("no setpriority(2)")),
                    FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
        }

        boolean giveWay(int thread, int nice) {
            try {
                return (int) setpriority.invokeExact(PRIO_PROCESS, thread, nice) == 0;
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("setpriority", e);
            }
        }

        /** Whether the kernel says that it has it. A thread of a policy that somebody chose stays as it is. */
        boolean shorten(int thread) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, Long.BYTES);
                if (call(get, thread, attributes, ATTRIBUTES_BYTES) != 0
                        || attributes.get(JAVA_INT, POLICY) != SCHED_OTHER) {
                    return false;
                }
                attributes.set(JAVA_LONG, RUNTIME, SLICE_NANOS); // Nice value and the rest as they were.
                return call(set, thread, attributes, 0) == 0
                        && call(get, thread, attributes, ATTRIBUTES_BYTES) == 0
                        && attributes.get(JAVA_LONG, RUNTIME) == SLICE_NANOS;
            }
        }

        private long call(long number, int thread, MemorySegment attributes, int third) {
            try {
                return (long) syscall.invokeExact(number, thread, attributes, third, 0);
            } catch (RuntimeException | Error e) {
                throw e;
            } catch (Throwable e) {
                throw new IllegalStateException("syscall", e);
            }
        }
    }
}
