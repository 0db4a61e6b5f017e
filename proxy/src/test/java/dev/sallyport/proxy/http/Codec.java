package dev.sallyport.proxy.http;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandler;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMessage;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseDecoder;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Netty's codec at its strictest, as a reader of the same bytes: what the scanner accepts, it must read as the same messages. */
final class Codec {
    private final List<Reading.Message> messages = new ArrayList<>();
    private final StringBuilder payload = new StringBuilder();
    private @Nullable HttpMessage head;
    private String refused = "";

    private Codec() {}

    static Reading requests(byte[] bytes) {
        return new Codec().read(new HttpRequestDecoder(config()), bytes);
    }

    static Reading responses(byte[] bytes) {
        return new Codec().read(new HttpResponseDecoder(config()), bytes);
    }

    private static HttpDecoderConfig config() {
        return new HttpDecoderConfig()
                .setMaxInitialLineLength(Limits.standard().requestLineBytes())
                .setMaxHeaderSize(Limits.standard().headBytes())
                .setAllowDuplicateContentLengths(false)
                .setStrictLineParsing(true)
                .setUseRfc9112TransferEncoding(true);
    }

    private Reading read(ChannelHandler decoder, byte[] bytes) {
        EmbeddedChannel channel = new EmbeddedChannel(decoder);
        channel.writeInbound(Unpooled.wrappedBuffer(bytes));
        channel.finish(); // The end of the connection ends a response without length.
        for (Object part = channel.readInbound(); part != null; part = channel.readInbound()) {
            if (part instanceof HttpObject object) { // After 101 there is no HTTP.
                take(object);
            }
            ReferenceCountUtil.release(part);
        }
        if (head != null) {
            end(head, List.of(), false);
        }
        return new Reading(messages, refused, "");
    }

    private void take(HttpObject part) {
        boolean failed = part.decoderResult().isFailure();
        if (failed) {
            refused = String.valueOf(part.decoderResult().cause());
        } else if (part instanceof HttpMessage next) {
            head = next;
        }
        if (part instanceof HttpContent content && head != null) {
            payload.append(content.content().toString(StandardCharsets.ISO_8859_1));
            if (part instanceof LastHttpContent last && !failed) {
                end(head, lines(last.trailingHeaders()), true);
            }
        }
    }

    private void end(HttpMessage of, List<String> trailers, boolean complete) {
        String line = of instanceof HttpRequest request
                ? request.method() + " " + request.uri() + " " + request.protocolVersion()
                : "HTTP/1.1 " + ((HttpResponse) of).status().code();
        messages.add(new Reading.Message(line, lines(of.headers()), payload.toString(), trailers, complete));
        payload.setLength(0);
        head = null;
    }

    private static List<String> lines(HttpHeaders headers) {
        List<String> lines = new ArrayList<>();
        headers.iteratorCharSequence().forEachRemaining(entry -> lines.add(entry.getKey() + ": " + entry.getValue()));
        return lines;
    }
}
