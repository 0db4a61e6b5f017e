package dev.sallyport.benchmarks.pair;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/** One temporary folder and the processes that live in it. Closed at the latest when this JVM ends, by Ctrl-C too: then nothing of it is left. */
public final class Workplace implements AutoCloseable {
    private final Path folder;
    private final Deque<Child> children = new ArrayDeque<>();
    private boolean closed;

    private Workplace(Path folder) {
        this.folder = folder;
    }

    public static Workplace open() throws IOException {
        Workplace workplace = new Workplace(Files.createTempDirectory("sallyport-bench-"));
        Runtime.getRuntime().addShutdownHook(new Thread(workplace::close, "stop children"));
        return workplace;
    }

    public Path folder() {
        return folder;
    }

    /** A new folder inside. */
    public Path folder(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name));
    }

    Child start(String name, Path log, ProcessBuilder builder) throws IOException {
        synchronized (children) {
            if (closed) {
                throw new IOException(name + ": not started, the bench is being stopped");
            }
            Child child = Child.start(name, builder, log);
            children.push(child);
            return child;
        }
    }

    /** Those that were started and not stopped, the latest first. */
    List<Child> children() {
        synchronized (children) {
            return List.copyOf(children);
        }
    }

    void stop(Child child) {
        child.close();
        synchronized (children) {
            children.remove(child);
        }
    }

    @Override
    public void close() {
        List<Child> left;
        synchronized (children) {
            closed = true;
            left = List.copyOf(children);
            children.clear();
        }
        left.forEach(Child::close);
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder())
                    .forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            // It is gone already, or nobody can help it.
        }
    }
}
