package dev.sallyport.proxy.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SchedulingTest {
    private static final long SLICE_NANOS = 100_000;

    private final CountDownLatch end = new CountDownLatch(1);

    @BeforeEach
    void kernelTellsSlices() throws IOException {
        boolean tells = slice(Path.of("/proc/thread-self")).isPresent();
        if (!tells) {
            System.out.println(
                    "SchedulingTest: skipped, this kernel does not tell the slice of a thread (se.slice in proc(5) sched)");
        }
        assumeThat(tells).as("a kernel that tells slices").isTrue();
    }

    @AfterEach
    void threadsEnd() {
        end.countDown();
    }

    @Test
    void threadsOfTheNameGetTheSliceAndOthersDoNot() throws Exception {
        thread("short-1");
        thread("short-2");
        thread("usual-1");

        assertThat(new Scheduling().shorten("short-")).isEqualTo(2);
        assertThat(new Scheduling().shorten("short-")).as("again").isEqualTo(2);
        assertThat(slice("short-1")).isEqualTo(SLICE_NANOS);
        assertThat(slice("short-2")).isEqualTo(SLICE_NANOS);
        assertThat(slice("usual-1")).isGreaterThan(SLICE_NANOS);
    }

    @Test
    void nobodyOfThatNameIsNoError() throws Exception {
        assertThat(new Scheduling().shorten("nobody-")).isZero();
    }

    @Test
    void threadsOfTheNameYieldAndOthersDoNot() throws Exception {
        thread("yields-1");
        thread("wants-1");

        int nice = nice("wants-1") + 1;
        assertThat(new Scheduling().giveWay("yields-", nice)).isEqualTo(1);
        assertThat(nice("yields-1")).isEqualTo(nice);
        assertThat(nice("wants-1")).isLessThan(nice);
    }

    /** proc(5), stat: behind the name, which ends with the last parenthesis. */
    private static int nice(String name) throws IOException {
        String stat = Files.readString(task(name).resolve("stat"));
        return Integer.parseInt(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1)[16]);
    }

    private void thread(String name) throws InterruptedException {
        CountDownLatch runs = new CountDownLatch(1);
        Thread.ofPlatform().daemon().name(name).start(() -> {
            runs.countDown();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        runs.await();
    }

    private static long slice(String name) throws IOException {
        return slice(task(name)).orElseThrow();
    }

    private static Path task(String name) throws IOException {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            for (Path task : tasks.toList()) {
                if (Files.readString(task.resolve("comm")).strip().equals(name)) {
                    return task;
                }
            }
        }
        throw new AssertionError("no thread " + name);
    }

    /** In nanoseconds, as the kernel's own account of the thread has it. */
    private static Optional<Long> slice(Path task) throws IOException {
        Path account = task.resolve("sched");
        if (!Files.exists(account)) {
            return Optional.empty();
        }
        return Files.readAllLines(account).stream()
                .filter(line -> line.startsWith("se.slice"))
                .map(line ->
                        Long.parseLong(line.substring(line.indexOf(':') + 1).strip()))
                .findFirst();
    }
}
