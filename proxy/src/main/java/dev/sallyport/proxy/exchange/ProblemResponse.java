package dev.sallyport.proxy.exchange;

import dev.sallyport.policy.Reason;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufUtil;
import io.netty.handler.codec.http.HttpResponseStatus;

/** The one place where a rejection becomes a response: problem+json (RFC 9457) with status and decision id. Which rule and why stays on record, away from the caller. */
record ProblemResponse(int status, String head, String body) {
    /** What sheds load says when to come again: soon, for it recovers by itself; a budget of tokens is refilled within a second. */
    private static final int RETRY_SOON_SECONDS = 1;

    /** RFC 6750 section 3: what was wrong with a token goes no further than that it was. */
    private static final String CHALLENGE = "www-authenticate: Bearer realm=\"mesh\"\r\n";

    private static final String INVALID_TOKEN = "www-authenticate: Bearer realm=\"mesh\", error=\"invalid_token\"\r\n";

    static ProblemResponse of(Rejection why, String decisionId, boolean keepAlive) {
        HttpResponseStatus status = HttpResponseStatus.valueOf(why.reason().status());
        String body = "{\"title\":\"" + status.reasonPhrase() + "\",\"status\":" + status.code() + ",\"decisionId\":\""
                + decisionId + "\"}";
        StringBuilder head = new StringBuilder(256)
                .append("HTTP/1.1 ")
                .append(status.code())
                .append(' ')
                .append(status.reasonPhrase())
                .append("\r\ncontent-type: application/problem+json\r\ncontent-length: ")
                .append(body.length())
                .append("\r\nx-sallyport-decision-id: ")
                .append(decisionId)
                .append("\r\n");
        if (status.code() == 401) {
            head.append(why.reason() == Reason.TOKEN_MISSING ? CHALLENGE : INVALID_TOKEN);
        }
        int retryAfter = retryAfterSeconds(why);
        if (retryAfter > 0) {
            head.append("retry-after: ").append(retryAfter).append("\r\n");
        }
        head.append(keepAlive ? "" : "connection: close\r\n").append("\r\n");
        return new ProblemResponse(status.code(), head.toString(), body);
    }

    private static int retryAfterSeconds(Rejection why) {
        if (why instanceof Rejection.Limited limited) {
            return limited.retryAfterSeconds();
        }
        return switch (why.reason()) {
            case OVERLOADED, DRAINING, RATE_LIMITED -> RETRY_SOON_SECONDS;
            default -> 0;
        };
    }

    /** The answer to a HEAD is its head alone. The caller releases it. */
    ByteBuf encode(ByteBufAllocator allocator, boolean toHead) {
        return ByteBufUtil.writeAscii(allocator, toHead ? head : head + body);
    }
}
