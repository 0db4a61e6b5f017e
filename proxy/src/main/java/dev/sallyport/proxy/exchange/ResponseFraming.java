package dev.sallyport.proxy.exchange;

import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;

/** How a client knows where a response ends, and whether another may follow. RFC 9112 sections 6 and 9.3. */
final class ResponseFraming {
    private ResponseFraming() {}

    /** Gives the response a length that this client understands; false when only the end of the connection can be one. */
    static boolean frame(HttpResponse response, HttpRequest request) {
        int status = response.status().code();
        boolean bodiless = status == 204 || status == 304 || request.method().equals(HttpMethod.HEAD);
        if (bodiless || HttpUtil.isContentLengthSet(response)) {
            return true;
        }
        boolean chunks = request.protocolVersion().equals(HttpVersion.HTTP_1_1);
        if (chunks) {
            HttpUtil.setTransferEncodingChunked(response, true);
        } else {
            response.headers().remove(HttpHeaderNames.TRANSFER_ENCODING);
        }
        return chunks;
    }

    /** A 1xx response, which is its head alone. */
    static FullHttpResponse interim(HttpResponse head) {
        FullHttpResponse whole = new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, head.status());
        whole.headers().set(head.headers());
        return whole;
    }

    /** Says what the client would not assume by itself. */
    static void connection(HttpResponse response, HttpRequest request, boolean keepAlive) {
        if (!keepAlive) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
        } else if (!request.protocolVersion().isKeepAliveDefault()) {
            response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.KEEP_ALIVE);
        }
    }
}
