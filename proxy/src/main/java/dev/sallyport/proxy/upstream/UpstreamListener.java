package dev.sallyport.proxy.upstream;

import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpResponse;

/** What an exchange hears about its upstream, on its own event loop, in this order: {@code connected} or {@code unavailable}; then responses, or {@code failed} once. */
public interface UpstreamListener {
    /** Whether a connection is still of use: nobody shakes hands for a request that has ended. */
    boolean wanted();

    /** Ready for the request. Whoever does not want it any more gives it back. */
    void connected(UpstreamConnection connection);

    /** No connection; nothing was sent. */
    void unavailable(UpstreamFailure failure);

    /** An interim (1xx) or the final response head. */
    void responseHead(HttpResponse response);

    /** Ownership passes to the listener. The last one ends the response. */
    void responseBody(HttpContent content);

    /** All that one read brought has been handed over: the moment to flush. */
    void responseReadComplete();

    void upstreamWritable();

    /** The connection is gone, or sent nonsense, before the response was complete. */
    void failed(UpstreamFailure failure);
}
