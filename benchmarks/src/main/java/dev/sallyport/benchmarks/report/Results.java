package dev.sallyport.benchmarks.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** The raw figures of all commands of a run, by the names of their files. */
record Results(Map<String, RawFigures> byName) {
    private static final String ENDING = ".json";

    static Results read(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new IOException(
                    folder + ": not found (expected: a folder of raw figures, as ./sallyport bench makes one)");
        }
        Map<String, RawFigures> found = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file :
                    files.filter(path -> path.toString().endsWith(ENDING)).toList()) {
                String name = file.getFileName().toString();
                String benchmark = name.substring(0, name.length() - ENDING.length());
                RawFigures.read(folder, benchmark).ifPresent(raw -> found.put(benchmark, raw));
            }
        }
        return new Results(found);
    }

    Optional<RawFigures> of(String benchmark) {
        return Optional.ofNullable(byName.get(benchmark));
    }
}
