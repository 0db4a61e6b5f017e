package dev.sallyport.proxy.http;

import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RequestRejectedException;
import io.netty.buffer.ByteBuf;

/**
 * A message head as it arrives: read strictly, line by line as they come, each octet once: what two parsers could read differently is refused (RFC 9112,
 * attacks 1 to 14), so that no line after a doubtful one is looked at. Reused for one message after another; event loop only.
 */
abstract class Head extends Fields {
    /** Copied at a time, so that little of a body is copied behind a head. */
    private static final int COPY_BYTES = 1024;

    private static final int CONNECTION_OPTIONS_MAX = 32;

    protected final Limits limits;
    private int lineStart;
    private int searched;
    private boolean firstLine = true;
    private long contentLength;
    private boolean chunked;
    private int framings;

    Head(Limits limits) {
        this.limits = limits;
        reset();
    }

    /** Forgets the message. */
    void reset() {
        clear();
        lineStart = 0;
        searched = 0;
        firstLine = true;
        contentLength = -1;
        chunked = false;
        framings = 0;
    }

    /** Its first line, without CRLF, in [from, to). */
    abstract void firstLine(int from, int to) throws RequestRejectedException;

    /** The whole head has been read: what only the whole can show. */
    abstract void whole() throws RequestRejectedException;

    /** A trailer section has no first line. */
    boolean hasFirstLine() {
        return true;
    }

    /** Whether bytes of it have arrived. */
    boolean begun() {
        return size > 0;
    }

    /** Takes what is its own from {@code in} and leaves the rest. True: it is whole. Refuses at the first octet that is no head's. */
    public boolean read(ByteBuf in) throws RequestRejectedException {
        while (in.isReadable()) {
            int copied = Math.min(in.readableBytes(), Math.min(COPY_BYTES, limits.headBytes() - size));
            ensure(size + copied);
            in.getBytes(in.readerIndex(), bytes, size, copied);
            int before = size;
            size += copied;
            if (lines()) {
                in.skipBytes(end - before);
                size = end;
                whole();
                return true;
            }
            in.skipBytes(copied);
            if (size >= limits.headBytes()) {
                throw tooLarge("head: more than " + limits.headBytes() + " bytes");
            }
        }
        return false;
    }

    /** Every line that has arrived whole; true after the empty one. */
    private boolean lines() throws RequestRejectedException {
        while (true) {
            int lineFeed = searched;
            while (lineFeed < size && bytes[lineFeed] != '\n') {
                lineFeed++;
            }
            searched = lineFeed;
            if (lineFeed == size) {
                return false;
            }
            if (lineFeed == lineStart || bytes[lineFeed - 1] != '\r') {
                throw framing("line ends with a bare LF");
            }
            int from = lineStart;
            lineStart = lineFeed + 1;
            searched = lineStart;
            if (firstLine && hasFirstLine()) {
                firstLine = false;
                firstLine(from, lineFeed - 1);
            } else if (lineFeed - 1 == from) {
                end = lineStart;
                return true;
            } else {
                field(from, lineFeed - 1);
            }
        }
    }

    private void field(int from, int to) throws RequestRejectedException {
        if (fields() == limits.headers()) {
            throw tooLarge("head: more than " + limits.headers() + " fields");
        }
        int at = from;
        int hash = 0;
        for (byte folded; at < to && (folded = Octets.folded(bytes[at])) != 0; at++) {
            hash = 31 * hash + folded;
        }
        // A folded line begins with a blank, which is no token.
        if (at == from || at == to || bytes[at] != ':') {
            throw framing("field name (expected: a token, and a colon right after it)");
        }
        int valueFrom = trimFrom(at + 1, to);
        int valueTo = trimTo(valueFrom, to);
        for (int i = valueFrom; i < valueTo; i++) {
            if (!Octets.isValue(bytes[i])) {
                throw framing("control byte in a field value");
            }
        }
        int mixed = Field.mixed(hash);
        Field field = Field.of(bytes, from, at, mixed);
        remember(from, at, valueFrom, valueTo, to + 2, mixed, field);
        if (field == Field.CONTENT_LENGTH || field == Field.TRANSFER_ENCODING) {
            frame(field, from, at, valueFrom, valueTo, to);
        }
    }

    /** One length, or one {@code chunked}, and not both (RFC 9112 section 6.1): with two, the next parser may choose the other one. */
    private void frame(Field field, int from, int colon, int valueFrom, int valueTo, int lineEnd)
            throws RequestRejectedException {
        if (!Octets.sameInAnyCase(bytes, from, colon, field.text())) {
            // An application behind CGI or WSGI rules reads Content_Length as the real one.
            throw framing("framing field (expected: " + field.text() + ", spelt so)");
        }
        if (++framings > 1) {
            throw framing("more than one of Content-Length, Transfer-Encoding");
        }
        // What goes on is what came: a tab around the value, or zeros before it, hides it from some parsers (attack 3).
        if (tabbed(colon + 1, valueFrom) || tabbed(valueTo, lineEnd)) {
            throw framing(field.text() + ": a tab around its value (expected: blanks)");
        }
        if (field == Field.TRANSFER_ENCODING) {
            if (!chunkedSpelt(valueFrom, valueTo)) {
                throw framing("Transfer-Encoding (expected: chunked alone)");
            }
            chunked = true;
            return;
        }
        long length = 0;
        boolean digits = valueTo > valueFrom && valueTo - valueFrom <= 18;
        for (int i = valueFrom; i < valueTo && digits; i++) {
            digits = Octets.isDigit(bytes[i]);
            length = 10 * length + (bytes[i] - '0');
        }
        if (!digits || (bytes[valueFrom] == '0' && valueTo - valueFrom > 1)) {
            throw framing("Content-Length (expected: 1 to 18 digits, no zero before them)");
        }
        contentLength = length;
    }

    /** A response's in any case; see {@link RequestHead}. */
    boolean chunkedSpelt(int from, int to) {
        return Octets.sameInAnyCase(bytes, from, to, "chunked");
    }

    private boolean tabbed(int from, int to) {
        for (int i = from; i < to; i++) {
            if (bytes[i] == '\t') {
                return true;
            }
        }
        return false;
    }

    /** Octets, or -1 where the head has no {@code Content-Length}. */
    public long contentLength() {
        return contentLength;
    }

    public boolean chunked() {
        return chunked;
    }

    /** At most this many options of a connection: each is looked for among all fields, before anything is decided. */
    void boundConnectionOptions() throws RequestRejectedException {
        if (items(Field.CONNECTION) > CONNECTION_OPTIONS_MAX) {
            throw framing("Connection: more than " + CONNECTION_OPTIONS_MAX + " options");
        }
    }

    static RequestRejectedException framing(String detail) {
        return new RequestRejectedException(Reason.FRAMING_REJECTED, detail);
    }

    static RequestRejectedException tooLarge(String detail) {
        return new RequestRejectedException(Reason.HEAD_TOO_LARGE, detail);
    }
}
