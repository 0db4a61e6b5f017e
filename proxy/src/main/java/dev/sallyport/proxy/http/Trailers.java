package dev.sallyport.proxy.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;

/** The trailer section of a chunked body, with its empty line; what may not stand there is dropped (RFC 9110 section 6.5.1), and nothing is ever merged into a head. */
final class Trailers extends Head {
    Trailers(Limits limits) {
        super(limits);
    }

    @Override
    boolean hasFirstLine() {
        return false;
    }

    @Override
    void firstLine(int from, int to) {
        throw new IllegalStateException("a trailer section has no first line");
    }

    @Override
    void whole() {
        dropUntrailing();
    }

    /** What is left, with the empty line. The caller releases it. */
    ByteBuf encode(ByteBufAllocator allocator) {
        ByteBuf out = allocator.buffer(writtenBytesMax());
        writeFields(out);
        return out;
    }
}
