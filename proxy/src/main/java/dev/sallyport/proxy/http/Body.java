package dev.sallyport.proxy.http;

import dev.sallyport.policy.RequestRejectedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import org.jspecify.annotations.Nullable;

/**
 * A body on its way: where it ends, and that its chunks are what they say (RFC 9112 section 7.1). Chunked framing is validated and passes as it is, never decoded and made anew, but for extensions, which a hop may
 * leave out, and trailers, which are filtered. One message after another; event loop only.
 */
public final class Body {
    private enum State {
        DONE,
        LENGTH,
        UNTIL_CLOSE,
        SIZE,
        EXTENSION,
        SIZE_LF,
        DATA,
        DATA_CR,
        DATA_LF,
        TRAILERS
    }

    /** 15 hex digits cannot overflow a long. */
    private static final int SIZE_DIGITS_MAX = 15;

    /** Of a chunk. It passes as it is, and whoever counts in 32 bits behind us would read a larger one as a small one (CVE-2026-42580). */
    private static final int CHUNK_BYTES_MAX = Integer.MAX_VALUE;

    /** Of all extensions of a body: they carry nothing, and cost whoever reads them. */
    private static final int EXTENSION_BYTES_MAX = 4096;

    private final Limits limits;
    private State state = State.DONE;
    private boolean framed;
    private boolean trailing;
    private long left;
    private int digits;
    private int extensionBytes;
    private boolean inToken;
    private boolean inValue;
    private long dataBytes;
    private @Nullable Trailers trailers;

    public Body(Limits limits) {
        this.limits = limits;
    }

    /** Nothing follows. */
    public void none() {
        begin(State.DONE, 0);
    }

    /** {@code bytes}: at least 0. */
    public void length(long bytes) {
        begin(bytes == 0 ? State.DONE : State.LENGTH, bytes);
    }

    /** Until the sender closes. */
    public void untilClose() {
        begin(State.UNTIL_CLOSE, 0);
    }

    /**
     * {@code keepFraming}: pieces carry their chunk lines; otherwise only data passes, for a receiver that knows no chunks. {@code keepTrailers}: those that may stand in a trailer pass; without, none does: an
     * application that merges them into the head would act on what nobody judged.
     */
    public void chunked(boolean keepFraming, boolean keepTrailers) {
        begin(State.SIZE, 0);
        framed = keepFraming;
        trailing = keepTrailers;
    }

    private void begin(State first, long bytes) {
        state = first;
        left = bytes;
        digits = 0;
        extensionBytes = 0;
        dataBytes = 0;
        trailers = null;
    }

    public boolean complete() {
        return state == State.DONE;
    }

    /** Whether only the end of the connection can end it. */
    public boolean endsWithConnection() {
        return state == State.UNTIL_CLOSE;
    }

    /** The connection has ended, and with it a body that had no other end. */
    public void closed() {
        if (state == State.UNTIL_CLOSE) {
            state = State.DONE;
        }
    }

    /** Payload octets that have passed, framing not counted. */
    public long dataBytes() {
        return dataBytes;
    }

    /** The next piece to pass on, which the caller releases; null when {@code in} holds nothing more of it. Takes from {@code in} only what is the body's own. */
    public @Nullable ByteBuf read(ByteBuf in, ByteBufAllocator allocator) throws RequestRejectedException {
        return switch (state) {
            case DONE -> null;
            case LENGTH -> take(in, left);
            case UNTIL_CLOSE -> take(in, Long.MAX_VALUE);
            case TRAILERS -> trailers(in, allocator);
            default -> chunks(in, allocator);
        };
    }

    private @Nullable ByteBuf take(ByteBuf in, long most) {
        int bytes = (int) Math.min(in.readableBytes(), most);
        if (bytes == 0) {
            return null;
        }
        dataBytes += bytes;
        if (state == State.LENGTH) {
            left -= bytes;
            state = left == 0 ? State.DONE : State.LENGTH;
        }
        return in.readRetainedSlice(bytes);
    }

    /** As many chunks as there are, in one piece; cut where an extension stands, and, without framing, around each line. */
    private @Nullable ByteBuf chunks(ByteBuf in, ByteBufAllocator allocator) throws RequestRejectedException {
        int from = in.readerIndex();
        int at = from;
        int to = in.writerIndex();
        while (at < to && state != State.TRAILERS) {
            if (state == State.DATA) {
                int bytes = (int) Math.min(to - at, left);
                from = framed ? from : at;
                at += bytes;
                left -= bytes;
                dataBytes += bytes;
                state = left == 0 ? State.DATA_CR : State.DATA;
                if (!framed) {
                    return piece(in, from, at);
                }
            } else {
                boolean inExtension = state == State.EXTENSION;
                line(in.getByte(at));
                boolean nowInExtension = state == State.EXTENSION;
                if (framed && nowInExtension && !inExtension && at > from) {
                    ByteBuf piece = piece(in, from, at);
                    in.readerIndex(at + 1);
                    return piece;
                }
                if (nowInExtension || !framed) {
                    from = at + 1;
                } else if (inExtension) {
                    from = at; // The CR that ends it.
                }
                at++;
            }
        }
        if (state == State.TRAILERS && to - at >= 2 && in.getByte(at) == '\r' && in.getByte(at + 1) == '\n') {
            state = State.DONE; // None: nearly always.
            at += 2;
            from = framed ? from : at;
        }
        ByteBuf piece = at > from ? piece(in, from, at) : null;
        in.readerIndex(at);
        return piece == null && state == State.TRAILERS ? trailers(in, allocator) : piece;
    }

    private static ByteBuf piece(ByteBuf in, int from, int to) {
        in.readerIndex(to);
        return in.retainedSlice(from, to - from);
    }

    /** One octet that is no data. A bare LF, a sign, a blank: each is an end of the line to one parser and none to another (CVE-2025-58056, CVE-2026-33870). */
    private void line(byte octet) throws RequestRejectedException {
        switch (state) {
            case SIZE -> size(octet);
            case EXTENSION -> extension(octet);
            case SIZE_LF -> {
                expect(octet, '\n', "chunk size line");
                digits = 0;
                state = left == 0 ? State.TRAILERS : State.DATA;
            }
            case DATA_CR -> {
                expect(octet, '\r', "chunk data");
                state = State.DATA_LF;
            }
            case DATA_LF -> {
                expect(octet, '\n', "chunk data");
                state = State.SIZE;
            }
            default -> throw new IllegalStateException("no line in " + state);
        }
    }

    private void size(byte octet) throws RequestRejectedException {
        int digit = Octets.hexDigit(octet);
        if (digit >= 0 && digits < SIZE_DIGITS_MAX) {
            left = digits == 0 ? digit : left << 4 | digit;
            digits++;
            if (left > CHUNK_BYTES_MAX) {
                throw Head.framing("chunk size (expected: at most " + CHUNK_BYTES_MAX + ")");
            }
        } else if (digits > 0 && octet == '\r') {
            state = State.SIZE_LF;
        } else if (digits > 0 && octet == ';') {
            state = State.EXTENSION;
            extensionBegins(false);
        } else {
            throw Head.framing("chunk size (expected: 1 to " + SIZE_DIGITS_MAX + " hex digits and CRLF)");
        }
    }

    /** {@code ;name} or {@code ;name=value}. No quotes: a line end inside of them is one to some parsers only. */
    private void extension(byte octet) throws RequestRejectedException {
        if (Octets.isToken(octet)) {
            inToken = true;
            extensionByte();
        } else if (inToken && octet == '\r') {
            state = State.SIZE_LF;
        } else if (inToken && (octet == ';' || octet == '=' && !inValue)) {
            extensionBegins(octet == '=');
        } else {
            throw Head.framing("chunk extension (expected: ;name or ;name=value, tokens)");
        }
    }

    private void extensionBegins(boolean value) throws RequestRejectedException {
        inToken = false;
        inValue = value;
        extensionByte();
    }

    private void extensionByte() throws RequestRejectedException {
        if (++extensionBytes > EXTENSION_BYTES_MAX) {
            throw Head.framing("chunk extensions: more than " + EXTENSION_BYTES_MAX + " bytes");
        }
    }

    private static void expect(byte octet, char wanted, String where) throws RequestRejectedException {
        if (octet != wanted) {
            throw Head.framing(where + " (expected: CRLF after it)");
        }
    }

    private @Nullable ByteBuf trailers(ByteBuf in, ByteBufAllocator allocator) throws RequestRejectedException {
        Trailers section = trailers;
        if (section == null) {
            section = new Trailers(limits);
            trailers = section;
        }
        if (!section.read(in)) {
            return null;
        }
        state = State.DONE;
        trailers = null;
        if (!trailing) {
            section.dropAll();
        }
        return framed ? section.encode(allocator) : null;
    }
}
