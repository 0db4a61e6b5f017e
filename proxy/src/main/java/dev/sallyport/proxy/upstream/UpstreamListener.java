package dev.sallyport.proxy.upstream;

import dev.sallyport.proxy.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/** What an exchange hears about its upstream, on its own event loop, in this order: {@code connected} or {@code unavailable}; then responses, or {@code failed} once. */
public interface UpstreamListener {
    /** Whether a connection is still of use: nobody shakes hands for a request that has ended. */
    boolean wanted();

    /** Ready for the request. Whoever does not want it any more gives it back. */
    void connected(UpstreamConnection connection);

    /** No connection; nothing was sent. */
    void unavailable(UpstreamFailure failure);

    /** Whether more of the response can be taken now; after false, {@link UpstreamConnection#resume} says when. */
    boolean takesResponse();

    /** Whether a chunked body is wanted with its chunk lines; otherwise its data alone. */
    boolean knowsChunks();

    /** An interim (1xx) or the final response head; whoever wants to keep something of it copies it. */
    void responseHead(ResponseHead head);

    /** A piece of the final response's body, which the listener releases; the last one, perhaps without bytes, ends the response. {@code dataBytes}: payload octets so far. */
    void responseBody(@Nullable ByteBuf piece, long dataBytes, boolean last);

    /** All that one read brought has been handed over: the moment to flush. */
    void responseReadComplete();

    /** After {@link UpstreamConnection#writable} was false. */
    void upstreamWritable();

    /** The connection is gone, or sent nonsense, before the response was complete. */
    void failed(UpstreamFailure failure);
}
