package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.kernel.MachineTime;
import dev.sallyport.benchmarks.pair.Part;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** CPU time of each part, and of the whole machine, between {@link #begin} and {@link #end}. One window; one thread. */
final class Account {
    private final List<Part> parts;
    private final Map<String, Long> nanos = new LinkedHashMap<>();
    private MachineTime machine = new MachineTime(0, 0, 0);

    Account(List<Part> parts) {
        this.parts = List.copyOf(parts);
    }

    void begin() {
        machine = MachineTime.now();
        parts.forEach(part -> nanos.put(part.name(), part.cpuNanos()));
    }

    void end() {
        parts.forEach(part -> nanos.compute(part.name(), (_, before) -> part.cpuNanos() - before));
        machine = MachineTime.now().since(machine);
    }

    /** By the part's name. */
    Map<String, Long> nanos() {
        return nanos;
    }

    long totalNanos() {
        return nanos.values().stream().mapToLong(Long::longValue).sum();
    }

    MachineTime machine() {
        return machine;
    }
}
