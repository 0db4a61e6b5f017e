package dev.sallyport.benchmarks.command;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder on the disk that is measured, which goes when the bench does, by Ctrl-C too. */
record TemporaryFolder(Path path) implements AutoCloseable {
    static TemporaryFolder in(Path home) throws IOException {
        Files.createDirectories(home);
        TemporaryFolder folder = new TemporaryFolder(Files.createTempDirectory(home, "audit-"));
        Runtime.getRuntime().addShutdownHook(new Thread(folder::close, "delete " + folder.path()));
        return folder;
    }

    @Override
    public void close() {
        try (Stream<Path> files = Files.walk(path)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException | java.io.UncheckedIOException e) {
            // It is gone already, or nobody can help it.
        }
    }
}
