package dev.sallyport.proxy.upstream;

import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RequestRejectedException;
import dev.sallyport.proxy.governor.Governed;
import dev.sallyport.proxy.http.Body;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.http.ResponseHead;
import dev.sallyport.proxy.telemetry.ConnectionMetrics.End;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.tls.Peer;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * An open connection towards a server: serves one exchange after another, belongs to one event loop and one endpoint. Malformed responses, and bytes that nobody asked for, poison it: it is
 * closed, and what they were never reaches another client (attack 13).
 */
public final class UpstreamConnection extends ChannelInboundHandlerAdapter implements Governed {
    private final UpstreamPool pool;
    private final Endpoint endpoint;
    private final Channel channel;
    private final Optional<Peer> peer;
    private final Optional<Connections.Open> listed;
    private final ResponseHead head;
    private final Body body;

    // Touched by the event loop only.
    private @Nullable UpstreamListener listener;
    private @Nullable ByteBuf unread;
    private boolean inBody;
    /** With its first byte, be it of half a head: nobody can say any more that the request was not read. */
    private boolean responseStarted;

    private boolean reusable;
    private boolean releasing;
    private boolean reading;
    private boolean parsing;
    private boolean toHead;
    private boolean gone;
    private boolean ended;
    private boolean retired;
    private boolean peerClosed;
    private boolean unflushed;
    private int requests;
    private long idleSince;

    UpstreamConnection(
            UpstreamPool pool,
            Endpoint endpoint,
            Channel channel,
            Limits limits,
            Optional<Peer> peer,
            Optional<Connections.Open> listed) {
        this.pool = pool;
        this.endpoint = endpoint;
        this.channel = channel;
        this.peer = peer;
        this.listed = listed;
        this.head = new ResponseHead(limits);
        this.body = new Body(limits);
    }

    void assign(UpstreamListener next) {
        listener = next;
        inBody = false;
        responseStarted = false;
        reusable = true;
        releasing = false;
        ended = false;
        toHead = false;
        requests++;
        head.reset();
        body.none();
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

    /** Its SPIFFE ID; null for the local application. */
    public @Nullable String peerId() {
        return peer.isPresent() ? peer.get().idText() : null;
    }

    /** Where it leads, as it stands on record. */
    public String address() {
        return endpoint.addressText();
    }

    long idleSince() {
        return idleSince;
    }

    boolean open() {
        return !gone && !retired && channel.isActive();
    }

    // ---- the request ----

    /** The request's head, as it goes on; its body follows through {@link #write}. Nothing leaves before {@link #flush}. */
    public void begin(RequestHead request) {
        toHead = request.is("HEAD");
        write(request.encode(channel.alloc()));
    }

    /** Takes {@code bytes} over. */
    public void write(ByteBuf bytes) {
        unflushed = true;
        channel.write(bytes, channel.voidPromise());
    }

    /** What was written, if anything was. */
    public void flush() {
        if (unflushed) {
            unflushed = false;
            channel.flush();
        }
    }

    /** False: stop reading from whoever fills it, until {@link UpstreamListener#upstreamWritable}. */
    public boolean writable() {
        return channel.isWritable();
    }

    // ---- the response ----

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        reading = true;
        if (gone || listener == null || ended) {
            in.release();
            if (!gone) { // Bytes that nobody asked for.
                reusable = false;
                releasing = false;
                close();
            }
            return;
        }
        responseStarted = true;
        ByteBuf before = unread;
        unread = before == null ? in : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, in);
        parse();
    }

    /** The reader of the response takes more. */
    public void resume() {
        if (!parsing) {
            parse();
            if (!reading && listener != null) {
                listener.responseReadComplete();
            }
            if (!reading && releasing) {
                returnToPool();
            }
        }
    }

    private void parse() {
        if (parsing) {
            return;
        }
        parsing = true;
        boolean more = true;
        try {
            for (UpstreamListener reader = listener;
                    more && reader != null && !ended && unread != null && reader.takesResponse();
                    reader = listener) {
                more = step(reader, unread);
            }
        } finally {
            parsing = false;
        }
        ByteBuf left = unread;
        if (left != null && !left.isReadable()) {
            left.release();
            unread = null;
        } else if (left != null && (ended || listener == null)) { // Behind the end of a response.
            reusable = false;
            close();
        }
        if (!gone) {
            channel.config().setAutoRead(unread == null || listener == null || listener.takesResponse());
        }
        if (peerClosed && !ended && unread == null) {
            closed();
        }
    }

    /** Whether there may be more to take. */
    private boolean step(UpstreamListener reader, ByteBuf in) {
        try {
            if (inBody) {
                return body(reader, in);
            }
            if (!in.isReadable() || !head.read(in)) {
                return false;
            }
            head(reader, in);
            return true;
        } catch (RequestRejectedException e) {
            fail(Reason.UPSTREAM_PROTOCOL, "response: " + e.getMessage());
            return false;
        }
    }

    private void head(UpstreamListener reader, ByteBuf in) {
        if (head.status() == 101) {
            fail(Reason.UPSTREAM_PROTOCOL, "response: 101 to a request that asked for no upgrade");
            return;
        }
        if (head.informational()) {
            reader.responseHead(head);
            head.reset();
            return;
        }
        long bytes = head.bodiless(toHead) ? 0 : head.contentLength();
        if (bytes >= 0 && in.readableBytes() > bytes) { // The next parser would take them for something.
            fail(Reason.UPSTREAM_PROTOCOL, "response: bytes behind its end");
            return;
        }
        inBody = true;
        reusable = head.keepsAlive();
        endpoint.learn(head);
        if (bytes >= 0) {
            body.length(bytes);
        } else if (head.chunked()) {
            body.chunked(reader.knowsChunks(), true);
        } else { // Of any other response the end of the connection is the end of the body.
            body.untilClose();
            reusable = false;
        }
        reader.responseHead(head);
        if (body.complete() && listener != null) {
            end(reader, null);
        }
    }

    private boolean body(UpstreamListener reader, ByteBuf in) throws RequestRejectedException {
        ByteBuf piece = body.read(in, channel.alloc());
        if (body.complete()) {
            end(reader, piece);
        } else if (piece != null) {
            reader.responseBody(piece, body.dataBytes(), false);
        }
        return piece != null;
    }

    private void end(UpstreamListener reader, @Nullable ByteBuf piece) {
        ended = true;
        if (unread != null && unread.isReadable()) { // Before anybody gives it back as clean.
            reusable = false;
        }
        reader.responseBody(piece, body.dataBytes(), true);
    }

    // ---- its end ----

    /** The exchange is complete in both directions: goes back to its pool once this read is over, unless the server wants it closed. */
    public void release() {
        listener = null;
        if (reusable && !gone && !retired) {
            releasing = true;
            if (!reading && !parsing) {
                returnToPool();
            }
        } else {
            close();
        }
    }

    private void returnToPool() {
        releasing = false;
        if (unread != null || peerClosed || retired) {
            close();
        } else {
            idleSince = System.nanoTime();
            channel.config().setAutoRead(true);
            pool.idle(this, endpoint);
        }
    }

    /** What is under way on it is given up: it cannot be used again. */
    public void discard() {
        listener = null;
        close();
    }

    void close() {
        gone = true;
        releasing = false;
        if (unread != null && !parsing) {
            unread.release();
            unread = null;
        }
        channel.close();
    }

    @Override
    public void retire() {
        retired = true;
        if (listener == null && !releasing) {
            close();
        }
    }

    @Override
    public void expire(End why) {
        fail(why.ofPeer() ? Reason.UPSTREAM_IDENTITY : Reason.DRAINING, why.detail());
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
        if (event instanceof SslCloseCompletionEvent closed && closed.isSuccess() && !gone && unread == null) {
            if (body.endsWithConnection() && inBody && !ended) {
                bodyClosed(); // Authenticated: nobody has cut it short.
            } else if (responseStarted) {
                closed();
            } else { // Our inbound side sends close_notify only when no request has begun, or after a whole response.
                fail(new UpstreamFailure(Reason.UPSTREAM_UNAVAILABLE, "peer closed the connection", true));
            }
        }
    }

    private void bodyClosed() {
        UpstreamListener current = listener;
        body.closed();
        if (current != null) {
            end(current, null);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        listed.ifPresent(pool::unlist);
        pool.closed(this, endpoint);
        if (listener == null && !gone && requests > 0) {
            endpoint.closedIdle(System.nanoTime() - idleSince);
        }
        peerClosed = true;
        if (unread == null || listener == null || gone) {
            closed();
        } // Otherwise whoever reads the response has not taken all of it.
    }

    private void closed() {
        if (listener != null && inBody && body.endsWithConnection() && peer.isEmpty() && !ended && unread == null) {
            bodyClosed(); // In the clear, on this host, a FIN is the end that was announced.
            return;
        }
        fail(
                responseStarted ? Reason.UPSTREAM_PROTOCOL : Reason.UPSTREAM_UNAVAILABLE,
                responseStarted ? "connection closed within the response" : "connection closed before a response");
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        fail(
                responseStarted ? Reason.UPSTREAM_PROTOCOL : Reason.UPSTREAM_UNAVAILABLE,
                "connection failed: " + cause.getMessage());
    }
}
