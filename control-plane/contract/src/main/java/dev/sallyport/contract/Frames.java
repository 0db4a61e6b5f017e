package dev.sallyport.contract;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Framing of the stream: 4-byte big-endian length, then that many bytes of JSON; at most {@value #MAX_BYTES}. Not thread-safe. After an error the stream has no next frame. */
public final class Frames {
    public static final int MAX_BYTES = 16 * 1024 * 1024;

    private static final int LENGTH_BYTES = 4;

    /** Memory follows what has arrived, not what was announced: four bytes must not cost the reader 16 MiB. */
    private static final int FIRST_BYTES = 64 * 1024;

    private final ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES);
    private byte[] message = new byte[0];
    private int received;
    /** Of the frame being read; -1 while its length is. */
    private int expected = -1;

    private boolean broken;

    public Frames() {}

    public static byte[] frame(byte[] message) {
        if (message.length == 0 || message.length > MAX_BYTES) {
            throw new IllegalArgumentException("frame: " + message.length + " bytes (expected: 1.." + MAX_BYTES + ")");
        }
        return ByteBuffer.allocate(LENGTH_BYTES + message.length)
                .putInt(message.length)
                .put(message)
                .array();
    }

    /** Feeds received bytes; returns the messages that are complete. */
    public List<byte[]> feed(byte[] bytes) throws InvalidMessageException {
        if (broken) {
            throw new InvalidMessageException("frame: after a broken one");
        }
        var complete = new ArrayList<byte[]>();
        var in = ByteBuffer.wrap(bytes);
        while (in.hasRemaining()) {
            if (expected < 0) {
                readLength(in);
            } else if (readMessage(in)) {
                complete.add(message);
                expected = -1;
            }
        }
        return complete;
    }

    private void readLength(ByteBuffer in) throws InvalidMessageException {
        length.put(in.get());
        if (length.hasRemaining()) {
            return;
        }
        int announced = length.getInt(0);
        length.clear();
        if (announced <= 0 || announced > MAX_BYTES) {
            broken = true;
            throw new InvalidMessageException(
                    "frame: " + Integer.toUnsignedString(announced) + " bytes (expected: 1.." + MAX_BYTES + ")");
        }
        expected = announced;
        received = 0;
        message = new byte[Math.min(announced, FIRST_BYTES)];
    }

    private boolean readMessage(ByteBuffer in) {
        int count = Math.min(in.remaining(), expected - received);
        if (received + count > message.length) {
            message = Arrays.copyOf(message, Math.min(expected, Math.max(received + count, message.length * 2)));
        }
        in.get(message, received, count);
        received += count;
        return received == expected;
    }
}
