package dev.sallyport.proxy.http;

import dev.sallyport.policy.RequestRejectedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;

/** A response's head. RFC 9112 section 4: {@code HTTP/1.1 SP code SP reason}, whose reason may be empty or missing. */
public final class ResponseHead extends Head {
    private static final byte[] VERSION = "HTTP/1.1 ".getBytes(StandardCharsets.US_ASCII);

    private int status;
    private int lineEnd;
    private boolean version10;

    public ResponseHead(Limits limits) {
        super(limits);
    }

    @Override
    public void reset() {
        super.reset();
        status = 0;
        lineEnd = 0;
        version10 = false;
    }

    @Override
    void firstLine(int from, int to) throws RequestRejectedException {
        boolean shaped = to - from >= 12 && bytes[from + 8] == ' ' && (to - from == 12 || bytes[from + 12] == ' ');
        version10 = shaped && Octets.same(bytes, from, from + 8, "HTTP/1.0");
        if (!shaped || (!version10 && !Octets.same(bytes, from, from + 8, "HTTP/1.1"))) {
            throw framing("status line (expected: HTTP/1.1 SP code SP reason)");
        }
        for (int i = from + 9; i < from + 12; i++) {
            if (!Octets.isDigit(bytes[i])) {
                throw framing("status code (expected: three digits)");
            }
            status = 10 * status + bytes[i] - '0';
        }
        if (status < 100 || status > 599) {
            throw framing("status code: " + status + " (expected: 100..599)");
        }
        for (int i = from + 12; i < to; i++) {
            if (!Octets.isValue(bytes[i])) {
                throw framing("control byte in the reason phrase");
            }
        }
        lineEnd = to;
    }

    @Override
    void whole() throws RequestRejectedException {
        if ((informational() || status == 204) && (chunked() || contentLength() > 0)) {
            // RFC 9110 section 8.6: there is no body, and a parser that believes the field would take the next response
            // for it.
            throw framing("a " + status + " response with a body");
        }
        if (version10 && chunked()) {
            throw framing("Transfer-Encoding in HTTP/1.0");
        }
        boundConnectionOptions();
    }

    /** 100..599. */
    public int status() {
        return status;
    }

    public boolean informational() {
        return status < 200;
    }

    /** Whether the server would take another request on this connection (RFC 9112 section 9.3). Before {@link #dropHopByHop}. */
    public boolean keepsAlive() {
        return !lists(Field.CONNECTION, "close") && (!version10 || lists(Field.CONNECTION, "keep-alive"));
    }

    /** What {@code Keep-Alive: timeout=5} says, 0 to 99,999; -1 when it says nothing. Before {@link #dropHopByHop}. */
    public int keepAliveSeconds() {
        int index = index(Field.KEEP_ALIVE);
        if (index < 0) {
            return -1;
        }
        String value = value(index);
        int at = value.indexOf("timeout=");
        int seconds = -1;
        for (int i = at + 8;
                at >= 0 && i < value.length() && i < at + 13 && Octets.isDigit((byte) value.charAt(i));
                i++) {
            seconds = 10 * Math.max(0, seconds) + value.charAt(i) - '0';
        }
        return seconds;
    }

    /** Whether there is no body after it, whatever its fields say, in answer to a HEAD or to anything else. */
    public boolean bodiless(boolean toHead) {
        return toHead || informational() || status == 204 || status == 304 || contentLength() == 0;
    }

    /** As HTTP/1.1. There is room behind it for the body, if that is announced and has {@code roomBytesMax} at most. The caller releases it. */
    public ByteBuf encode(ByteBufAllocator allocator, int roomBytesMax) {
        long body = contentLength();
        ByteBuf out = allocator.buffer(writtenBytesMax() + 4 + (body > 0 && body <= roomBytesMax ? (int) body : 0));
        out.writeBytes(VERSION);
        out.writeBytes(bytes, 9, lineEnd - 9);
        out.writeShort('\r' << 8 | '\n');
        writeFields(out);
        return out;
    }
}
