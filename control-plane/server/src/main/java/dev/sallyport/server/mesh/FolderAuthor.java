package dev.sallyport.server.mesh;

import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watched folder as the only author. A notification is a doorbell; what counts is the comparison of what was read, which also runs every {@link #READ_EVERY}, because
 * notifications miss Kubernetes' symlink swaps and network file systems. An invalid set is refused whole and the last good one stays.
 */
public final class FolderAuthor implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FolderAuthor.class);
    private static final Duration READ_EVERY = Duration.ofSeconds(2);
    /** An editor writes a file in several steps: wait for silence this long, so that half a file is rarely judged. */
    private static final Duration SETTLE = Duration.ofMillis(20);

    private final Path folder;
    private final PolicyStore documents;
    private final WatchService watch;
    private volatile Optional<String> lastError = Optional.empty();
    private final AtomicLong refused = new AtomicLong();
    /** What was last accepted, or refused for what it says; empty while that is unknown. The watching thread only, after the first reading. */
    private Optional<List<Source>> judged = Optional.empty();

    private String lastSaid = ""; // likewise

    private FolderAuthor(Path folder, PolicyStore documents, WatchService watch) {
        this.folder = folder;
        this.documents = documents;
        this.watch = watch;
    }

    /** Reads the folder once, then follows it on a thread of its own. */
    public static FolderAuthor follow(Path folder, PolicyStore documents) throws IOException {
        WatchService watch = folder.getFileSystem().newWatchService();
        FolderAuthor author = new FolderAuthor(folder, documents, watch);
        folder.register(
                watch,
                StandardWatchEventKinds.ENTRY_CREATE,
                StandardWatchEventKinds.ENTRY_MODIFY,
                StandardWatchEventKinds.ENTRY_DELETE);
        author.read();
        Thread.ofPlatform().daemon().name("documents").start(author::watch);
        return author;
    }

    /** The set as it stands in a folder; names are file names, so that a moved folder is the same set. */
    public static List<Source> sources(Path folder) throws IOException {
        return Source.read(folder).stream()
                .map(source -> new Source(fileName(source.name()), source.text()))
                .toList();
    }

    private static String fileName(String path) {
        Path name = Path.of(path).getFileName();
        return name == null ? path : name.toString();
    }

    public Path folder() {
        return folder;
    }

    /** Why what stands in the folder now is not in force; empty when it is. */
    public Optional<String> lastError() {
        return lastError;
    }

    /** How often a changed folder was refused. */
    public long refused() {
        return refused.get();
    }

    private void watch() {
        while (true) {
            try {
                WatchKey key = watch.poll(READ_EVERY.toMillis(), TimeUnit.MILLISECONDS);
                while (key != null) {
                    key.pollEvents();
                    key.reset();
                    key = watch.poll(SETTLE.toMillis(), TimeUnit.MILLISECONDS);
                }
                read();
            } catch (InterruptedException | ClosedWatchServiceException e) {
                return;
            } catch (RuntimeException e) {
                failed(e);
            }
        }
    }

    private void read() {
        try {
            List<Source> sources = sources(folder);
            if (judged.isPresent() && judged.get().equals(sources)) {
                return;
            }
            // Until there is a verdict: whatever fails on the way, the next reading tries again.
            judged = Optional.empty();
            if (sources.isEmpty()) {
                throw new IOException(
                        "documents: " + folder + " holds no document (expected: *.yaml, *.yml or *.json)");
            }
            replace(sources);
        } catch (IOException e) {
            // Says nothing of the documents: when they can be read again they are judged again, also the same ones.
            judged = Optional.empty();
            refuse(message(e));
        }
    }

    private void replace(List<Source> sources) {
        try {
            long before = documents.revision();
            PolicyVersion version = documents.replace(sources, "folder " + folder, OptionalLong.empty());
            judged = Optional.of(sources);
            accepted(version, version.revision() != before);
        } catch (InvalidDocumentException e) {
            judged = Optional.of(sources);
            refuse(message(e));
        } catch (StaleRevisionException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String message(Exception e) {
        return e.getMessage() == null ? e.toString() : e.getMessage();
    }

    /** Not the documents' fault, so no refusal; it is tried again with each reading, and logged once. */
    private void failed(RuntimeException e) {
        String why = message(e);
        lastError = Optional.of(why);
        if (!why.equals(lastSaid)) {
            lastSaid = why;
            log.error("documents: taking over {} failed; it is tried again", folder, e);
        }
    }

    private void accepted(PolicyVersion version, boolean changed) {
        lastError = Optional.empty();
        lastSaid = "";
        if (changed) {
            log.info("documents: revision {} is in force, digest {}", version.revision(), version.digest());
        }
    }

    private void refuse(String why) {
        lastError = Optional.of(why);
        if (!why.equals(lastSaid)) {
            lastSaid = why;
            refused.incrementAndGet();
            log.error(
                    "documents: {} was refused whole, revision {} stays in force:\n{}",
                    folder,
                    documents.revision(),
                    why);
        }
    }

    @Override
    public void close() {
        try {
            watch.close();
        } catch (IOException e) {
            log.warn("documents: the watch of {} could not be closed", folder, e);
        }
    }
}
