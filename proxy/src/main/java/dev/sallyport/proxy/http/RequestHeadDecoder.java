package dev.sallyport.proxy.http;

import dev.sallyport.policy.RequestRejectedException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/** Netty's request decoder behind {@link HeadScanner}: a head reaches the codec whole and checked, or a {@link MalformedHead} goes on and the rest of the connection is dropped. */
public final class RequestHeadDecoder extends HttpRequestDecoder {
    /** A head has begun to arrive and is not complete: the clock for it starts. */
    public enum Event {
        HEAD_STARTED
    }

    private final HeadScanner scanner;
    private boolean atHead = true;
    private boolean refused;
    private boolean announced;
    private int scanned;

    public RequestHeadDecoder(Limits limits) {
        super(config(limits));
        this.scanner = new HeadScanner(limits);
    }

    static HttpDecoderConfig config(Limits limits) {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(limits.requestLineBytes())
                .setMaxHeaderSize(limits.headBytes())
                .setAllowDuplicateContentLengths(false)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (refused) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (atHead && !headIsWhole(ctx, in, out)) {
            return;
        }
        super.decode(ctx, in, out);
        if (!out.isEmpty() && out.getLast() instanceof LastHttpContent) {
            atHead = true;
        }
    }

    private boolean headIsWhole(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
        skipEmptyLine(in);
        if (!in.isReadable() || (in.readableBytes() == 1 && in.getByte(in.readerIndex()) == '\r')) {
            return false;
        }
        try {
            int end = scanner.end(in, in.readerIndex() + scanned);
            if (end < 0) {
                scanned = in.readableBytes();
                if (!announced) {
                    announced = true;
                    ctx.fireUserEventTriggered(Event.HEAD_STARTED);
                }
                return false;
            }
            scanner.request(in, in.readerIndex(), end);
            atHead = false;
            announced = false;
            scanned = 0;
            return true;
        } catch (RequestRejectedException e) {
            refused = true;
            in.skipBytes(in.readableBytes());
            out.add(new MalformedHead(e.reason(), e.getMessage() == null ? "" : e.getMessage()));
            return false;
        }
    }

    /** RFC 9112 section 2.2: one empty line before a request is ignored; anything else there is refused by the scanner. */
    private void skipEmptyLine(ByteBuf in) {
        if (scanned == 0
                && in.readableBytes() >= 2
                && in.getByte(in.readerIndex()) == '\r'
                && in.getByte(in.readerIndex() + 1) == '\n') {
            in.skipBytes(2);
        }
    }

    /** Whether bytes of a next request have arrived: such a connection is not idle. */
    public boolean midHead() {
        return !refused && actualReadableBytes() > 0;
    }
}
