package dev.sallyport.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.function.BooleanSupplier;

/** One segment, as the writer needs it: the seam where tests let a disk fail. One thread at a time. */
interface Storage extends AutoCloseable {
    /** All of it, from this place on, or IOException. */
    void write(ByteBuffer bytes, long position) throws IOException;

    void force() throws IOException;

    /** Gives it its name in the log, in place of whatever has it, and makes the name durable. */
    void rename(Path file) throws IOException;

    /** {@link LostSegmentException} unless its name still leads to this file, which is still {@code bytes} long at least. */
    void check(long bytes) throws IOException;

    void truncate(long size) throws IOException;

    @Override
    void close() throws IOException;

    /** Makes segments ahead of their use. */
    interface Factory {
        /**
         * A file of {@code bytes} zeros that the disk has. One of this name and size was made before, and is taken as it is. As long as nobody waits for it, {@code unhurried}, it is
         * made in small steps, which leave the disk to the records in between.
         */
        Storage prepare(Path file, long bytes, BooleanSupplier unhurried) throws IOException;
    }
}
