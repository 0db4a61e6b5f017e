package dev.sallyport.proxy.exchange;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;

/** The one place where a rejection becomes a response: problem+json (RFC 9457) with status and decision id. Which rule and why stays on record, away from the caller. */
final class ProblemResponse {
    static final String DECISION_ID = "x-sallyport-decision-id";

    private ProblemResponse() {}

    static FullHttpResponse of(Rejection why, String decisionId) {
        HttpResponseStatus status = HttpResponseStatus.valueOf(why.reason().status());
        String body = "{\"title\":\"" + status.reasonPhrase() + "\",\"status\":" + status.code() + ",\"decisionId\":\""
                + decisionId + "\"}";
        byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
        FullHttpResponse response =
                new DefaultFullHttpResponse(HttpVersion.HTTP_1_1, status, Unpooled.wrappedBuffer(bytes));
        response.headers()
                .set(HttpHeaderNames.CONTENT_TYPE, "application/problem+json")
                .set(HttpHeaderNames.CONTENT_LENGTH, bytes.length)
                .set(DECISION_ID, decisionId);
        if (status.code() == 401) {
            response.headers().set(HttpHeaderNames.WWW_AUTHENTICATE, "Bearer");
        }
        if (why instanceof Rejection.Limited limited) {
            response.headers().set(HttpHeaderNames.RETRY_AFTER, limited.retryAfterSeconds());
        }
        return response;
    }
}
