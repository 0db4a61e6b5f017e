package dev.sallyport.proxy.http;

import dev.sallyport.policy.RequestRejectedException;
import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import java.util.List;

/** Netty's response decoder behind {@link HeadScanner}, told which method it answers, since HEAD has no body whatever its fields say (RFC 9110 section 9.3.2). */
public final class ResponseHeadDecoder extends HttpResponseDecoder {
    private final HeadScanner scanner;
    private boolean atHead = true;
    private boolean refused;
    private int scanned;
    private boolean toHead;

    public ResponseHeadDecoder(Limits limits) {
        super(RequestHeadDecoder.config(limits));
        this.scanner = new HeadScanner(limits);
    }

    /** The request that the next final response answers; one at a time. */
    public void expect(HttpMethod method) {
        toHead = HttpMethod.HEAD.equals(method);
    }

    /** Whether nothing is left over: bytes after a response's end would poison the next exchange (attack 13). */
    public boolean clean() {
        return !refused && atHead && actualReadableBytes() == 0;
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpMessage message) {
        return toHead || super.isContentAlwaysEmpty(message);
    }

    @Override
    protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) throws Exception {
        if (refused) {
            in.skipBytes(in.readableBytes());
            return;
        }
        if (atHead && !headIsWhole(in, out)) {
            return;
        }
        super.decode(ctx, in, out);
        if (!out.isEmpty() && out.getLast() instanceof LastHttpContent) {
            atHead = true;
        }
    }

    private boolean headIsWhole(ByteBuf in, List<Object> out) {
        try {
            int end = scanner.end(in, in.readerIndex() + scanned);
            if (end < 0) {
                scanned = in.readableBytes();
                return false;
            }
            scanner.response(in, in.readerIndex(), end);
            atHead = false;
            scanned = 0;
            return true;
        } catch (RequestRejectedException e) {
            refused = true;
            in.skipBytes(in.readableBytes());
            out.add(new MalformedHead(e.reason(), e.getMessage() == null ? "" : e.getMessage()));
            return false;
        }
    }
}
