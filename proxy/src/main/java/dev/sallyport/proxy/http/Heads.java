package dev.sallyport.proxy.http;

import dev.sallyport.policy.CanonicalRequest;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RequestRejectedException;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpVersion;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** From a request head to what is judged, and back to what is sent. */
public final class Heads {
    private Heads() {}

    /** Method, target and the only Host, canonical; refuses headers that would make an application act on another request than the one judged. */
    public static CanonicalRequest canonical(HttpRequest head) throws RequestRejectedException {
        for (Map.Entry<String, String> field : head.headers()) {
            if (CanonicalRequest.overrides(field.getKey())) {
                throw new RequestRejectedException(
                        Reason.PATH_REJECTED, "header " + field.getKey() + ": would override what was judged");
            }
        }
        String host = head.headers().get(HttpHeaderNames.HOST, "");
        return CanonicalRequest.of(bytes(head.method().name()), bytes(head.uri()), bytes(host));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /** The same head as HTTP/1.1 with the canonical target; shares its headers. */
    public static HttpRequest withTarget(HttpRequest head, String target) {
        return new DefaultHttpRequest(HttpVersion.HTTP_1_1, head.method(), target, head.headers());
    }
}
