package dev.sallyport.benchmarks.pair;

import dev.sallyport.benchmarks.kernel.ProcessClock;
import dev.sallyport.benchmarks.kernel.ProcessMemory;
import java.io.IOException;
import java.util.List;

/** One proxy of a pair, or the backend: as many processes as it needs for its work (nginx: a master and a worker). */
public record Part(String name, List<Long> pids) {
    public Part {
        pids = List.copyOf(pids);
    }

    /** CPU time since the start, of all threads, in nanoseconds. */
    public long cpuNanos() {
        return pids.stream().mapToLong(ProcessClock::nanos).sum();
    }

    public ProcessMemory memory() throws IOException {
        ProcessMemory sum = ProcessMemory.NONE;
        for (long pid : pids) {
            sum = sum.plus(ProcessMemory.of(pid));
        }
        return sum;
    }

    public void resetPeak() throws IOException {
        for (long pid : pids) {
            ProcessMemory.resetPeak(pid);
        }
    }
}
