package dev.sallyport.audit;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;

/**
 * Lines of a segment as bytes, ended by LF and nothing else, up to the first NUL: from there on the segment is not written yet. Memory is bounded by the longest line that a log can
 * hold. One thread.
 */
final class LineReader implements Closeable {
    /** A record has at most 60 KiB, its number and hashes less than 1 KiB. */
    static final int LINE_BYTES_MAX = 64 * 1024;

    private static final int BUFFER_BYTES = 4 * LINE_BYTES_MAX;

    private final FileChannel channel;
    private final ByteBuffer source = ByteBuffer.allocate(BUFFER_BYTES);
    private final byte[] buffer = source.array();
    private final long limit;
    /** Of the file, of what comes after the buffer. */
    private long next;

    private int filled;
    private int from;
    private int to;
    private int following;
    private boolean ended;
    private boolean cut;

    private LineReader(FileChannel channel, long next, long limit) {
        this.channel = channel;
        this.next = next;
        this.limit = limit;
    }

    static LineReader of(Path file) throws IOException {
        return of(file, 0, Long.MAX_VALUE);
    }

    /** Bytes {@code from} to {@code limit} only. */
    static LineReader of(Path file, long from, long limit) throws IOException {
        return new LineReader(FileChannel.open(file, StandardOpenOption.READ), from, limit);
    }

    /** Goes to the next line, whole or not; false at the end of the file, or where the NULs begin. */
    boolean next() throws IOException {
        from = following;
        to = from;
        cut = false;
        ended = false;
        while (true) {
            to = endOfLine(to);
            if (to < filled) {
                ended = buffer[to] == '\n';
                following = ended ? to + 1 : to;
                return ended || to > from || cut;
            }
            if (to - from > LINE_BYTES_MAX) {
                cut = true; // Its beginning has been seen; the rest is only passed over.
                from = to;
            }
            if (!more()) {
                following = to;
                return to > from || cut;
            }
        }
    }

    private int endOfLine(int begin) {
        byte[] bytes = buffer;
        int at = begin;
        while (at < filled && bytes[at] != '\n' && bytes[at] != 0) {
            at++;
        }
        return at;
    }

    /** Reads on, with the line's beginning at the front of the buffer. */
    private boolean more() throws IOException {
        System.arraycopy(buffer, from, buffer, 0, filled - from);
        filled -= from;
        to -= from;
        from = 0;
        int room = (int) Math.min(BUFFER_BYTES - filled, limit - next);
        if (room <= 0) {
            return false;
        }
        int read = channel.read(source.clear().position(filled).limit(filled + room), next);
        if (read <= 0) {
            return false;
        }
        next += read;
        filled += read;
        return true;
    }

    /** Where the line stands: {@link #from} to {@link #to}, without its line feed; good until {@link #next}. */
    byte[] array() {
        return buffer;
    }

    int from() {
        return from;
    }

    int to() {
        return to;
    }

    byte[] bytes() {
        return Arrays.copyOfRange(buffer, from, to);
    }

    /** It has its line feed. */
    boolean ended() {
        return ended;
    }

    /** It is longer than a line can be, and not all of it is here. */
    boolean cut() {
        return cut || to - from > LINE_BYTES_MAX;
    }

    /** Bytes of the file before the next line. */
    long position() {
        return next - filled + following;
    }

    /** From the place where {@link #next} ended on: how far what is no NUL reaches, as a position in the file; {@link #position} when there is nothing. */
    long lastWritten() throws IOException {
        long end = next - filled + from;
        int at = from;
        do {
            for (; at < filled; at++) {
                if (buffer[at] != 0) {
                    end = next - filled + at + 1;
                }
            }
            from = filled;
            to = filled;
            following = filled;
            at = 0;
        } while (more());
        return end;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
