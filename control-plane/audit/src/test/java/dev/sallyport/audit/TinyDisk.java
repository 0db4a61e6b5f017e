package dev.sallyport.audit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A file system of its own that is really full, where the test may mount one. */
final class TinyDisk implements AutoCloseable {
    private final Path folder;

    private TinyDisk(Path folder) {
        this.folder = folder;
    }

    /** Empty, and why on standard output, where nobody lets us. */
    static Optional<TinyDisk> mount(Path folder, int kilobytes) throws IOException, InterruptedException {
        Process mount;
        try {
            mount = run("mount", "-t", "tmpfs", "-o", "size=" + kilobytes + "k", "tmpfs", folder.toString());
        } catch (IOException e) {
            System.out.println("no tiny disk: " + e.getMessage() + "; a disk that only says it is full instead");
            return Optional.empty();
        }
        if (mount.waitFor(10, TimeUnit.SECONDS) && mount.exitValue() == 0) {
            return Optional.of(new TinyDisk(folder));
        }
        System.out.println("no tiny disk: "
                + new String(mount.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8).strip()
                + "; a disk that only says it is full instead");
        return Optional.empty();
    }

    private static Process run(String... command) throws IOException {
        return new ProcessBuilder(command).redirectErrorStream(true).start();
    }

    @Override
    public void close() throws IOException {
        try {
            run("umount", "-l", folder.toString()).waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
