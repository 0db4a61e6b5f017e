package dev.sallyport.proxy.http;

import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RequestRejectedException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import java.nio.charset.StandardCharsets;
import java.util.function.Predicate;

/** A request's head. RFC 9112 section 3: {@code METHOD SP target SP HTTP/1.1}, exactly one {@code Host}. Bytes by offsets: no text is made of them unless somebody asks. */
public final class RequestHead extends Head {
    private static final byte[] VERSION = " HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII);

    private int methodEnd;
    private int targetEnd;
    private int originStart;
    private boolean version10;
    private boolean emptyLineSkipped;

    public RequestHead(Limits limits) {
        super(limits);
    }

    @Override
    public void reset() {
        super.reset();
        methodEnd = 0;
        targetEnd = 0;
        originStart = 0;
        version10 = false;
        emptyLineSkipped = false;
    }

    /** Whether bytes of a request have arrived: such a connection is not idle. */
    @Override
    public boolean begun() {
        return super.begun();
    }

    /** RFC 9112 section 2.2: one empty line before a request is ignored; a second one is no request. */
    @Override
    public boolean read(ByteBuf in) throws RequestRejectedException {
        if (!begun() && !emptyLineSkipped && in.isReadable() && in.getByte(in.readerIndex()) == '\r') {
            if (in.readableBytes() == 1) {
                return false; // The caller keeps it for the next read.
            }
            if (in.getByte(in.readerIndex() + 1) == '\n') {
                in.skipBytes(2);
                emptyLineSkipped = true;
            }
        }
        return super.read(in);
    }

    @Override
    void firstLine(int from, int to) throws RequestRejectedException {
        if (to - from > limits.requestLineBytes()) {
            throw tooLarge("request line: more than " + limits.requestLineBytes() + " bytes");
        }
        int at = from;
        while (at < to && Octets.isToken(bytes[at])) {
            at++;
        }
        if (at == from || at == to || bytes[at] != ' ') {
            throw framing("request line (expected: METHOD SP target SP HTTP/1.1)");
        }
        methodEnd = at;
        for (at++; at < to && bytes[at] != ' '; at++) {
            if (bytes[at] < 0) {
                throw new RequestRejectedException(
                        Reason.PATH_REJECTED, "request target: byte above 0x7f (expected: percent-encoding)");
            }
            if (bytes[at] < 0x21 || bytes[at] == 0x7f) {
                throw framing("control byte in the request target");
            }
        }
        targetEnd = at;
        originStart = methodEnd + 1;
        version10 = Octets.same(bytes, at, to, " HTTP/1.0");
        if (targetEnd == originStart || (!version10 && !Octets.same(bytes, at, to, " HTTP/1.1"))) {
            throw framing("request line (expected: METHOD SP target SP HTTP/1.1)");
        }
    }

    /** As every client writes it: an application that compares it exactly would see no body, and take it for the next request. */
    @Override
    boolean chunkedSpelt(int from, int to) {
        return Octets.same(bytes, from, to, "chunked");
    }

    @Override
    void whole() throws RequestRejectedException {
        int hosts = count(Field.HOST);
        if (hosts != 1) {
            throw framing("Host: " + hosts + " fields (expected: exactly one)");
        }
        if (version10 && chunked()) {
            throw framing("Transfer-Encoding in HTTP/1.0");
        }
        boundConnectionOptions();
    }

    // ---- what it says ----

    /** The array that the offsets of this head are of; not to be changed. */
    public byte[] array() {
        return bytes;
    }

    public int methodEnd() {
        return methodEnd;
    }

    public int targetStart() {
        return methodEnd + 1;
    }

    public int targetEnd() {
        return targetEnd;
    }

    /** As written: a token, in whatever case. */
    public String method() {
        return is("GET") ? "GET" : is("POST") ? "POST" : text(0, methodEnd);
    }

    /** Exactly, in upper case. */
    public boolean is(String method) {
        return Octets.same(bytes, 0, methodEnd, method);
    }

    /** As written. */
    public String target() {
        return text(targetStart(), targetEnd);
    }

    public boolean isHttp10() {
        return version10;
    }

    /** Whether the sender would send another request on this connection (RFC 9112 section 9.3). Before {@link #dropHopByHop}. */
    public boolean keepsAlive() {
        return !lists(Field.CONNECTION, "close") && (!version10 || lists(Field.CONNECTION, "keep-alive"));
    }

    public boolean expectsContinue() {
        return says(Field.EXPECT, "100-continue") && !version10;
    }

    public boolean bodiless() {
        return !chunked() && contentLength() <= 0;
    }

    /** A header that would make an application act on another request than the one judged and is {@code refused} by its name as written; empty when there is none. */
    public String overriding(Predicate<String> refused) {
        for (int i = 0; i < fields(); i++) {
            if (field(i) == Field.OVERRIDING && !isDropped(i) && refused.test(name(i))) {
                return name(i);
            }
        }
        return "";
    }

    // ---- what goes on ----

    /** From here to its end the target is in origin form; what stands before is the authority of an absolute one. */
    public void originStart(int start) {
        originStart = start;
    }

    /** As HTTP/1.1, with the target as it was judged. The caller releases it. */
    public ByteBuf encode(ByteBufAllocator allocator) {
        ByteBuf out = allocator.buffer(writtenBytesMax() + VERSION.length);
        out.writeBytes(bytes, 0, methodEnd + 1);
        out.writeBytes(bytes, originStart, targetEnd - originStart);
        out.writeBytes(VERSION);
        writeFields(out);
        return out;
    }
}
