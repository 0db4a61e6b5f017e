package dev.sallyport.proxy.http;

import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseEncoder;

/** Netty's response encoder, told which method is being answered. Exchanges of a connection run one at a time, so a field does where the codec's queue goes wrong with 1xx. */
public final class ResponseEncoder extends HttpResponseEncoder {
    private boolean toHead;

    /** The request that the next final response answers. */
    public void answering(HttpMethod method) {
        toHead = HttpMethod.HEAD.equals(method);
    }

    @Override
    protected boolean isContentAlwaysEmpty(HttpResponse response) {
        return toHead || super.isContentAlwaysEmpty(response);
    }
}
