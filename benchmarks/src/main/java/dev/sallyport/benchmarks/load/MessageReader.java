package dev.sallyport.benchmarks.load;

import io.netty.buffer.ByteBuf;

/**
 * Just enough of HTTP/1.1 to know where a message ends: a head of up to 8 KiB, then Content-Length bytes. Allocates nothing per message. For peers that we trust: it is no parser to put before a stranger.
 */
final class MessageReader {
    private static final byte[] LENGTH = ascii("\r\ncontent-length:");
    private static final byte[] ENCODING = ascii("\r\ntransfer-encoding:");
    private static final int STATUS_AT = "HTTP/1.1 ".length();

    private final byte[] head = new byte[8192];
    private int headBytes;
    private boolean inBody;
    private boolean ended = true;
    private long length;
    private long missing;

    /** Takes from {@code in} up to the end of the message; whether it was reached. What is left belongs to the next one. */
    boolean read(ByteBuf in) {
        if (!inBody && !readHead(in)) {
            return false;
        }
        int taken = (int) Math.min(in.readableBytes(), missing);
        in.skipBytes(taken);
        missing -= taken;
        if (missing > 0) {
            return false;
        }
        inBody = false;
        ended = true; // and yet there to be asked about, until the next one begins
        return true;
    }

    /** Bytes of the body of the message that ended last, or is being read. */
    long length() {
        return length;
    }

    /** Of a response. */
    int status() {
        return (head[STATUS_AT] - '0') * 100 + (head[STATUS_AT + 1] - '0') * 10 + head[STATUS_AT + 2] - '0';
    }

    boolean startsWith(byte[] text) {
        return matches(0, text);
    }

    /** The decimal number that begins at {@code at}. */
    long number(int at) {
        long value = 0;
        for (int i = at; head[i] >= '0' && head[i] <= '9'; i++) {
            value = value * 10 + head[i] - '0';
        }
        return value;
    }

    private boolean readHead(ByteBuf in) {
        if (ended) {
            ended = false;
            headBytes = 0;
        }
        int from = headBytes;
        int copied = Math.min(in.readableBytes(), head.length - headBytes);
        in.getBytes(in.readerIndex(), head, headBytes, copied);
        headBytes += copied;
        int end = endOfHead(Math.max(3, from));
        if (end < 0) {
            if (headBytes == head.length) {
                throw new IllegalStateException("head: more than " + head.length + " bytes (expected: a short one)");
            }
            in.skipBytes(copied);
            return false;
        }
        in.skipBytes(end - from);
        headBytes = end;
        length = contentLength();
        missing = length;
        inBody = true;
        return true;
    }

    /** Where the body begins, or -1. */
    private int endOfHead(int from) {
        for (int i = from; i < headBytes; i++) {
            if (head[i] == '\n' && head[i - 1] == '\r' && head[i - 2] == '\n' && head[i - 3] == '\r') {
                return i + 1;
            }
        }
        return -1;
    }

    private long contentLength() {
        for (int i = 0; i < headBytes; i++) {
            if (head[i] != '\r') {
                continue;
            }
            if (matches(i, LENGTH)) {
                int at = i + LENGTH.length;
                while (head[at] == ' ') {
                    at++;
                }
                return number(at);
            }
            if (matches(i, ENCODING)) {
                throw new IllegalStateException("transfer-encoding (expected: content-length)");
            }
        }
        return 0;
    }

    /** {@code text} is lower case. */
    private boolean matches(int at, byte[] text) {
        if (at + text.length > headBytes) {
            return false;
        }
        for (int i = 0; i < text.length; i++) {
            int c = head[at + i];
            if ((c >= 'A' && c <= 'Z' ? c + 32 : c) != text[i]) {
                return false;
            }
        }
        return true;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(java.nio.charset.StandardCharsets.US_ASCII);
    }
}
