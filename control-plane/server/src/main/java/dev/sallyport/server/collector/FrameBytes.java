package dev.sallyport.server.collector;

import dev.sallyport.audit.tlog.TiledLog;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * A frame in the journal: {@code SPJ1}, length (32 bits), how much of the file was forced when this was written (64 bits), CRC-32C over the latter and the leaves (32 bits), then each
 * leaf behind its length (16 bits). All big-endian.
 */
final class FrameBytes {
    static final int HEAD_BYTES = 20;
    private static final int MAGIC = 0x53504a31;
    /** A batch has at most a mebibyte of lines, and each of them its length. */
    private static final int LENGTH_MAX = 4 * 1024 * 1024;

    /** {@code end}: the place after it in its file. */
    record Read(List<byte[]> leaves, long forced, int end) {}

    private FrameBytes() {}

    /** IllegalArgumentException: a leaf whose length has no place here. */
    static ByteBuffer write(List<byte[]> leaves, long forced) {
        int length = leaves.stream().mapToInt(leaf -> 2 + leaf.length).sum();
        ByteBuffer frame = ByteBuffer.allocate(HEAD_BYTES + length);
        frame.putInt(MAGIC).putInt(length).putLong(forced).putInt(0);
        for (byte[] leaf : leaves) {
            if (leaf.length > TiledLog.ENTRY_BYTES_MAX) {
                throw new IllegalArgumentException(
                        "leaf: " + leaf.length + " bytes (expected: at most " + TiledLog.ENTRY_BYTES_MAX + ")");
            }
            frame.putShort((short) leaf.length).put(leaf);
        }
        frame.flip().putInt(16, crc(frame, 0, HEAD_BYTES + length));
        return frame;
    }

    private static int crc(ByteBuffer file, int start, int end) {
        CRC32C crc = new CRC32C();
        crc.update(file.duplicate().position(start + 8).limit(start + 16));
        crc.update(file.duplicate().limit(end).position(start + HEAD_BYTES));
        return (int) crc.getValue();
    }

    /** The frame at {@code start}; empty when there is none, or its bytes are not all as they were written. */
    static Optional<Read> read(ByteBuffer file, int start) {
        if (file.limit() - start < HEAD_BYTES || file.getInt(start) != MAGIC) {
            return Optional.empty();
        }
        int length = file.getInt(start + 4);
        if (length < 0 || length > LENGTH_MAX || length > file.limit() - start - HEAD_BYTES) {
            return Optional.empty();
        }
        int end = start + HEAD_BYTES + length;
        return crc(file, start, end) == file.getInt(start + 16)
                ? Optional.of(new Read(leaves(file, start + HEAD_BYTES, end), file.getLong(start + 8), end))
                : Optional.empty();
    }

    private static List<byte[]> leaves(ByteBuffer file, int from, int end) {
        List<byte[]> leaves = new ArrayList<>();
        for (int at = from; at < end; ) {
            byte[] leaf = new byte[Short.toUnsignedInt(file.getShort(at))];
            file.get(at + 2, leaf);
            leaves.add(leaf);
            at += 2 + leaf.length;
        }
        return leaves;
    }

    /**
     * Whether some frame after {@code bad} was written when more than {@code bad} had been forced: then what is bad there had been whole, and answered. Without one it is what a crash
     * may leave of a write that nobody was told of.
     */
    static boolean wasForced(ByteBuffer file, int bad) {
        for (int at = bad + 1; at <= file.limit() - HEAD_BYTES; at++) {
            if (file.getInt(at) == MAGIC
                    && read(file, at).filter(frame -> frame.forced() > bad).isPresent()) {
                return true;
            }
        }
        return false;
    }
}
