package dev.sallyport.proxy.upstream;

import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.MalformedHead;
import dev.sallyport.proxy.http.ResponseHeadDecoder;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.tls.Peer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An open connection towards a server: serves one exchange after another, belongs to one event loop, one endpoint and one SVID generation. */
public final class UpstreamConnection extends ChannelInboundHandlerAdapter {
    private final UpstreamPool pool;
    private final Endpoint endpoint;
    private final Channel channel;
    private final ResponseHeadDecoder decoder;
    private final Optional<Peer> peer;
    private final Optional<Connections.Open> listed;
    private final long generation;

    // Touched by the event loop only.
    private @Nullable UpstreamListener listener;
    private boolean interim;
    private boolean responseStarted;
    private boolean reusable;
    private boolean releasing;
    private boolean reading;
    private boolean toHead;
    private boolean gone;
    private boolean ended;
    private int requests;
    private long idleSince;

    UpstreamConnection(
            UpstreamPool pool,
            Endpoint endpoint,
            Channel channel,
            ResponseHeadDecoder decoder,
            Optional<Peer> peer,
            Optional<Connections.Open> listed,
            long generation) {
        this.pool = pool;
        this.endpoint = endpoint;
        this.channel = channel;
        this.decoder = decoder;
        this.peer = peer;
        this.listed = listed;
        this.generation = generation;
    }

    void assign(UpstreamListener next) {
        listener = next;
        interim = false;
        responseStarted = false;
        reusable = true;
        releasing = false;
        ended = false;
        requests++;
        listed.ifPresent(Connections.Open::request);
    }

    /** Whether an earlier exchange was served on it: then it may have died unseen. */
    public boolean reused() {
        return requests > 1;
    }

    /** The proven server; empty for the local application. */
    public Optional<Peer> peer() {
        return peer;
    }

    public Address address() {
        return endpoint.address();
    }

    long generation() {
        return generation;
    }

    long idleSince() {
        return idleSince;
    }

    boolean open() {
        return !gone && channel.isActive();
    }

    /** The head first; bodies follow through {@link #write(HttpContent)}. Nothing leaves before {@link #flush}. */
    public void write(HttpRequest head) {
        toHead = HttpMethod.HEAD.equals(head.method());
        decoder.expect(head.method());
        channel.write(head, channel.voidPromise());
    }

    public void write(HttpContent content) {
        channel.write(content, channel.voidPromise());
    }

    public void flush() {
        channel.flush();
    }

    /** False: stop reading from whoever fills it, until {@link UpstreamListener#upstreamWritable}. */
    public boolean writable() {
        return channel.isWritable();
    }

    /** Back-pressure: false while the response's reader is full. */
    public void reading(boolean wanted) {
        channel.config().setAutoRead(wanted);
    }

    /** The exchange is complete in both directions: goes back to its pool once this read is over, unless the server wants it closed. */
    public void release() {
        listener = null;
        if (reusable && !gone) {
            releasing = true;
            reading(true);
            if (!reading) { // Otherwise when this read is over: it may bring bytes that nobody asked for.
                returnToPool();
            }
        } else {
            close();
        }
    }

    /** The exchange ended early: what is under way must not reach the next one. */
    public void discard() {
        listener = null;
        close();
    }

    void close() {
        gone = true;
        channel.close();
    }

    private void returnToPool() {
        releasing = false;
        if (open() && decoder.clean()) {
            idleSince = System.nanoTime();
            pool.idle(this, endpoint);
        } else {
            close();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        UpstreamListener current = listener;
        reading = true;
        if (message instanceof MalformedHead malformed) {
            fail(Reason.UPSTREAM_PROTOCOL, "response: " + malformed.detail());
        } else if (current == null || ended) {
            ReferenceCountUtil.release(message);
            if (!gone) { // Bytes that nobody asked for: attack 13.
                reusable = false;
                releasing = false;
                close();
            }
        } else if (message instanceof HttpObject object
                && object.decoderResult().isFailure()) {
            ReferenceCountUtil.release(message);
            fail(
                    Reason.UPSTREAM_PROTOCOL,
                    "response: " + object.decoderResult().cause().getMessage());
        } else if (message instanceof HttpResponse response) {
            head(current, response);
        } else if (message instanceof HttpContent content) {
            body(current, content);
        }
    }

    private void head(UpstreamListener current, HttpResponse response) {
        responseStarted = true;
        interim = response.status().codeClass() == HttpStatusClass.INFORMATIONAL;
        if (response.status().code() == 101) {
            fail(Reason.UPSTREAM_PROTOCOL, "response: 101 to a request that asked for no upgrade");
            return;
        }
        if (!interim) {
            reusable = HttpUtil.isKeepAlive(response)
                    && (HttpUtil.isContentLengthSet(response)
                            || HttpUtil.isTransferEncodingChunked(response)
                            || bodiless(response));
        }
        current.responseHead(response);
    }

    /** Of any other response without a length, the end of the connection is the end of the body. */
    private boolean bodiless(HttpResponse response) {
        return toHead || response.status().code() == 204 || response.status().code() == 304;
    }

    private void body(UpstreamListener current, HttpContent content) {
        if (interim && content instanceof LastHttpContent) {
            interim = false;
            content.release();
            return;
        }
        ended = content instanceof LastHttpContent;
        current.responseBody(content);
    }

    private void fail(Reason reason, String detail) {
        fail(new UpstreamFailure(reason, detail, false));
    }

    private void fail(UpstreamFailure failure) {
        UpstreamListener current = listener;
        listener = null;
        close();
        if (current != null && !ended) {
            current.failed(failure);
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        UpstreamListener current = listener;
        if (current != null) {
            current.responseReadComplete();
        }
        if (releasing) {
            returnToPool();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        UpstreamListener current = listener;
        if (current != null && channel.isWritable()) {
            current.upstreamWritable();
        }
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
        if (event instanceof SslCloseCompletionEvent closed && closed.isSuccess() && !gone) {
            // Our inbound side sends close_notify only when no request has begun, or after a whole response.
            fail(new UpstreamFailure(Reason.UPSTREAM_UNAVAILABLE, "peer closed the connection", !responseStarted));
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        listed.ifPresent(pool::unlist);
        pool.closed(this, endpoint);
        fail(
                responseStarted ? Reason.UPSTREAM_PROTOCOL : Reason.UPSTREAM_UNAVAILABLE,
                responseStarted ? "connection closed within the response" : "connection closed before a response");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(Reason.UPSTREAM_UNAVAILABLE, "connection failed: " + cause.getMessage());
    }
}
