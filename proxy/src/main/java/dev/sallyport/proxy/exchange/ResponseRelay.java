package dev.sallyport.proxy.exchange;

import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.buffer.Unpooled;
import org.jspecify.annotations.Nullable;

/** How a client knows where a response ends. RFC 9112 sections 6 and 9.3. */
enum ResponseRelay {
    /** By what the response says itself: bodiless, a length, or chunks that the client knows. */
    AS_IT_IS,
    /** Its upstream ends it by closing: in chunks of ours, so that a truncated one cannot look whole. */
    CHUNKED,
    /** For a client of HTTP/1.0: by the end of the connection. */
    UNTIL_CLOSE;

    private static final String CHUNKS = "chunked";

    /** Gives the response's head a framing that this client understands. */
    static ResponseRelay of(ResponseHead response, RequestHead request) {
        boolean delimited = response.bodiless(request.is("HEAD")) || response.contentLength() >= 0;
        if (delimited || (response.chunked() && !request.isHttp10())) {
            return AS_IT_IS;
        }
        if (request.isHttp10()) {
            response.drop(Field.TRANSFER_ENCODING);
            return UNTIL_CLOSE;
        }
        response.add(Field.TRANSFER_ENCODING.text(), CHUNKS);
        return CHUNKED;
    }

    /** Whether another response can follow. */
    boolean delimited() {
        return this != UNTIL_CLOSE;
    }

    /** Says what the client would not assume by itself. */
    void sayConnection(ResponseHead response, RequestHead request, boolean keepAlive) {
        if (!keepAlive) {
            response.add(Field.CONNECTION.text(), "close");
        } else if (request.isHttp10()) {
            response.add(Field.CONNECTION.text(), "keep-alive");
        }
    }

    /** A piece of the body as it goes on; takes {@code piece} over. */
    @Nullable
    ByteBuf frame(@Nullable ByteBuf piece, boolean last, ByteBufAllocator allocator) {
        if (this != CHUNKED) {
            return piece;
        }
        String end = last ? "0\r\n\r\n" : "";
        if (piece == null || !piece.isReadable()) {
            if (piece != null) {
                piece.release();
            }
            return last ? ByteBufUtil.writeAscii(allocator, end) : null;
        }
        ByteBuf line = ByteBufUtil.writeAscii(allocator, Integer.toHexString(piece.readableBytes()) + "\r\n");
        return Unpooled.wrappedBuffer(line, piece, ByteBufUtil.writeAscii(allocator, "\r\n" + end));
    }
}
