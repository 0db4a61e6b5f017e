package dev.sallyport.audit.tlog;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/** Where the files of a tiled log are: a folder, or objects elsewhere. Paths are relative, with {@code /} between their names. Reads from any thread, writes from one at a time. */
public interface TileStore {
    /** A whole file; empty when there is none. Must not be changed. */
    Optional<byte[]> read(String path) throws IOException;

    /**
     * Writes files whole or not at all, in no particular order; all of them are durable when it returns. One call with many files costs little more than one with a single file. After
     * an IOException any of them may be there.
     */
    void write(Map<String, byte[]> files) throws IOException;

    /** {@link #write(Map)} of one file. */
    default void write(String path, byte[] bytes) throws IOException {
        write(Map.of(path, bytes));
    }

    /** A file, or a folder with everything in it; not there already is well too. Not durable: after a crash it may be back. */
    void delete(String path) throws IOException;
}
