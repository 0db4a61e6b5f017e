package dev.sallyport.benchmarks.pair;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Somebody else's proxy, as a configuration runs it.
 *
 * @param templates folder below {@code benchmarks/peers} with {@code outbound.EXTENSION} and {@code inbound.EXTENSION}
 * @param values for places of the templates that others do not have
 * @param command of a configuration file
 * @param processes as many as it has when it is ready
 */
record Program(
        String templates,
        String extension,
        Map<String, String> values,
        Function<Path, List<String>> command,
        int processes) {
    Program {
        values = Map.copyOf(values);
    }
}
