package dev.sallyport.audit;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Lines of a file as bytes, ended by LF and nothing else; memory is bounded by the longest line that a log can hold. One thread. */
final class LineReader implements Closeable {
    /** A record has at most 60 KiB, its number and hashes less than 1 KiB. */
    static final int LINE_BYTES_MAX = 64 * 1024;

    /** Without its line feed. {@code ended}: it had one. {@code cut}: it was longer, and {@code bytes} is its beginning. */
    @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
    record Line(byte[] bytes, boolean ended, boolean cut) {}

    private final InputStream input;

    private LineReader(InputStream input) {
        this.input = input;
    }

    static LineReader of(Path file) throws IOException {
        return new LineReader(new BufferedInputStream(Files.newInputStream(file), LINE_BYTES_MAX));
    }

    /** The next line, null at the end of the file. */
    @Nullable
    Line next() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(2048);
        boolean cut = false;
        int read;
        while ((read = input.read()) >= 0 && read != '\n') {
            if (bytes.size() < LINE_BYTES_MAX) {
                bytes.write(read);
            } else {
                cut = true;
            }
        }
        return read < 0 && bytes.size() == 0 ? null : new Line(bytes.toByteArray(), read == '\n', cut);
    }

    @Override
    public void close() throws IOException {
        input.close();
    }
}
