package dev.sallyport.proxy.inbound;

import dev.sallyport.policy.RequestRejectedException;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;

/** Fields of a request whose line and Host do not matter. */
final class TestHead {
    private final StringBuilder fields = new StringBuilder();

    TestHead add(String name, String value) {
        fields.append(name).append(": ").append(value).append("\r\n");
        return this;
    }

    RequestHead head() throws RequestRejectedException {
        return read("GET / HTTP/1.1\r\nhost: a\r\n" + fields + "\r\n");
    }

    /** A whole head, as the sidecar reads it. */
    static RequestHead read(String bytes) throws RequestRejectedException {
        RequestHead head = new RequestHead(Limits.standard());
        if (!head.read(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1))) {
            throw new IllegalArgumentException("no whole head: " + bytes);
        }
        return head;
    }
}
