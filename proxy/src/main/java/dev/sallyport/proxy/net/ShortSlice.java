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
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A short time slice for event loops: the scheduler of Linux 6.12 and later (EEVDF) lets a thread of a short slice in before one of a usual slice (3 ms) has used all of its own. What a loop does for a request takes microseconds,
 * but behind a compiler thread, the log's writer or somebody else's program it would wait for whole milliseconds to begin. It gets no larger share of the CPU, and no privilege is needed. An older kernel takes the call and
 * changes nothing. sched_setattr(2); not on an event loop: the first call links native code, which takes tens of milliseconds.
 */
public final class ShortSlice {
    /** The least that the kernel takes. */
    private static final long SLICE_NANOS = 100_000;

    private static final int ATTRIBUTES_BYTES = 48; // SCHED_ATTR_SIZE_VER0 of sched_setattr(2)
    private static final int POLICY = 4;
    private static final int RUNTIME = 24;
    private static final int SCHED_OTHER = 0;

    private ShortSlice() {}

    /** For all threads of this process whose names begin with {@code prefix}; how many have it now. {@link IOException}: this system has none of it. */
    public static int of(String prefix) throws IOException {
        Calls calls = new Calls();
        int shortened = 0;
        for (int thread : threads(prefix)) {
            if (calls.shorten(thread)) {
                shortened++;
            }
        }
        return shortened;
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
                } catch (NoSuchFileException ended) {
                    // Not one of ours: they live as long as the process.
                }
            }
        }
        return threads;
    }

    /** The two system calls, which the C library has no names for before glibc 2.41. */
    private static final class Calls {
        private final MethodHandle syscall;
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
