package dev.sallyport.proxy.exchange;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.policy.RequestRejectedException;
import dev.sallyport.proxy.governor.Governed;
import dev.sallyport.proxy.http.Body;
import dev.sallyport.proxy.http.Field;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.telemetry.ConnectionMetrics.End;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.tls.Peer;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.socket.ChannelInputShutdownEvent;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.SslCloseCompletionEvent;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A downstream connection: its exchanges one after another, in order. Bytes stay where they are until somebody takes them: the head of a request when the exchange before has ended, its body as the upstream does.
 * Meanwhile nothing more is read, so that a connection holds what one read brought. Event loop only.
 */
public final class ExchangeHandler extends ChannelInboundHandlerAdapter implements Governed {
    private static final System.Logger LOG = System.getLogger(ExchangeHandler.class.getName());

    private final Worker worker;
    private final Optional<Peer> peer;
    private final Optional<Connections.Open> listed;
    private final Consumer<Exchange> handler;
    private final Downstream out;
    private final Deadline deadline;
    private final Patience patience;
    private final Body body;
    private final Pace pace;
    private final Runnable idle = this::closeGracefully;

    private @Nullable ByteBuf unread;
    private @Nullable RequestHead head;
    private @Nullable Exchange current;
    private @Nullable Outcome outcome;
    private boolean headClock;
    private boolean retiring;
    private boolean closing;
    private boolean halfClosed;
    private boolean discarding;
    private boolean parsing;
    private boolean reading;

    private ExchangeHandler(
            Worker worker,
            Optional<Peer> peer,
            Optional<Connections.Open> listed,
            Channel channel,
            Consumer<Exchange> handler) {
        this.worker = worker;
        this.peer = peer;
        this.listed = listed;
        this.handler = handler;
        this.out = new Downstream(channel);
        this.deadline = new Deadline(channel.eventLoop());
        this.patience = new Patience(deadline, worker.limits(), this::clientsTurn, this::late);
        this.body = new Body(worker.limits());
        this.pace = new Pace(worker.limits().bodyBytesPerSecond());
    }

    /** HTTP/1.1 begins here; {@code handler} decides each exchange: forwards or rejects it. */
    public static ExchangeHandler install(
            Channel channel,
            Worker worker,
            Optional<Peer> peer,
            Optional<Connections.Open> listed,
            Consumer<Exchange> handler) {
        ExchangeHandler connection = new ExchangeHandler(worker, peer, listed, channel, handler);
        channel.pipeline().addLast("exchange", connection);
        return connection;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        out.context(ctx);
        worker.opened(this);
        if (!closing) {
            settle();
        }
    }

    // ---- what arrives ----

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        reading = true;
        if (closing) {
            in.release();
            return;
        }
        ByteBuf before = unread;
        unread = before == null ? in : ByteToMessageDecoder.MERGE_CUMULATOR.cumulate(ctx.alloc(), before, in);
        parse();
    }

    /** As far as somebody takes it. A loop, not a recursion: an exchange may end before {@link #begin} returns. */
    private void parse() {
        if (parsing) {
            return;
        }
        parsing = true;
        boolean more = true;
        try {
            for (ByteBuf in = unread; more && in != null && in.isReadable() && !closing; in = unread) {
                more = step(in);
            }
        } finally {
            parsing = false;
        }
        if (unread != null && !unread.isReadable()) {
            unread.release();
            unread = null;
        }
        if (current != null && !reading) {
            current.requestReadComplete();
        }
        settle();
    }

    /** Whether there may be more to take. */
    private boolean step(ByteBuf in) {
        Exchange exchange = current;
        try {
            if (exchange == null) {
                return discarding ? discard(in) : head(in);
            }
            if (exchange.requestComplete() || !exchange.takesBody()) {
                return false;
            }
            return body(exchange, in);
        } catch (RequestRejectedException e) {
            malformed(Rejection.Malformed.of(e));
            return current == null;
        }
    }

    /** The head of the request that comes next. */
    private RequestHead arriving() {
        RequestHead arriving = head;
        if (arriving == null) {
            arriving = worker.heads().take();
            head = arriving;
        }
        return arriving;
    }

    private boolean head(ByteBuf in) throws RequestRejectedException {
        RequestHead arriving = arriving();
        if (!arriving.read(in)) {
            return false;
        }
        if (arriving.chunked()) {
            body.chunked(true, false);
        } else {
            body.length(Math.max(0, arriving.contentLength()));
        }
        pace.restart(0, System.nanoTime());
        begin(arriving);
        return true;
    }

    private boolean body(Exchange exchange, ByteBuf in) throws RequestRejectedException {
        ByteBuf piece = body.read(in, out.alloc());
        if (body.dataBytes() > worker.limits().requestBodyBytes()) {
            release(piece);
            exchange.reject(new Rejection.Malformed(
                    Reason.BODY_TOO_LARGE, "body: more than " + worker.limits().requestBodyBytes() + " bytes"));
            return false;
        }
        if (pace.tooSlow(body.dataBytes(), System.nanoTime()) && !body.complete()) {
            release(piece);
            exchange.reject(new Rejection.ClientFailed(
                    Reason.CLIENT_TIMEOUT,
                    "body: slower than " + worker.limits().bodyBytesPerSecond() + " bytes a second"));
            return false;
        }
        if (piece != null || body.complete()) {
            exchange.requestBody(piece, body.complete());
        }
        return true;
    }

    private static void release(@Nullable ByteBuf piece) {
        if (piece != null) {
            piece.release();
        }
    }

    /** Of a head or a body: nobody knows where the next request would begin. */
    private void malformed(Rejection why) {
        Exchange exchange = current;
        if (exchange != null) {
            exchange.reject(why);
        } else if (discarding) {
            closeGracefully();
        } else {
            unreadable(why);
        }
    }

    private void begin(RequestHead arrived) {
        headClock = false;
        deadline.clear();
        listed.ifPresent(Connections.Open::request);
        AuditRecord record = newRecord();
        record.method = arrived.method();
        record.protocolVersion = arrived.isHttp10() ? "1.0" : null;
        Exchange exchange = new Exchange(worker, this, arrived, record, body.complete());
        current = exchange;
        Optional<Rejection> unfit = unfit(arrived);
        if (unfit.isPresent()) {
            exchange.reject(unfit.get());
            return;
        }
        guarded(exchange, handler, exchange);
    }

    /** Why nobody needs to judge it. */
    private Optional<Rejection> unfit(RequestHead arrived) {
        Optional<Rejection> unspoken = Unspoken.in(arrived);
        if (unspoken.isPresent()) {
            return unspoken;
        }
        long most = worker.limits().requestBodyBytes();
        if (arrived.contentLength() > most) {
            return Optional.of(new Rejection.Malformed(
                    Reason.BODY_TOO_LARGE,
                    "Content-Length: " + arrived.contentLength() + " (expected: at most " + most + ")"));
        }
        return worker.overload();
    }

    private AuditRecord newRecord() {
        AuditRecord record = worker.newRecord(
                worker.direction() == Connections.Direction.INBOUND
                        ? AuditRecord.Direction.INBOUND
                        : AuditRecord.Direction.OUTBOUND);
        record.peerAddress = out.address();
        if (peer.isPresent()) {
            Peer proven = peer.get();
            record.callerId = proven.idText();
            record.peerSerial = proven.serial();
            record.peerFingerprint = proven.fingerprint();
            record.peerIssuer = proven.issuer();
            record.peerNotAfter = proven.notAfter();
            record.tlsVersion = proven.tls().version();
            record.tlsCipher = proven.tls().cipher();
            record.tlsCurve = proven.tls().group();
        }
        worker.requestStarted();
        return record;
    }

    private void unreadable(Rejection why) {
        headClock = false;
        deadline.clear();
        body.none();
        Exchange exchange = new Exchange(worker, this, arriving(), newRecord(), true);
        current = exchange;
        exchange.reject(why);
    }

    /** Whatever a step of deciding throws ends the exchange, and only that. */
    <T> void guarded(Exchange exchange, Consumer<T> step, T with) {
        try {
            step.accept(with);
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            LOG.log(System.Logger.Level.ERROR, "request failed inside the sidecar", e);
            exchange.reject(new Rejection.Internal(e.getClass().getName()));
        }
    }

    /** The rest of a refused body, a little of it and for a moment, to keep the connection. */
    private boolean discard(ByteBuf in) throws RequestRejectedException {
        release(body.read(in, out.alloc()));
        if (body.complete()) {
            discarding = false;
        } else if (body.dataBytes() > worker.limits().discardedBodyBytes()) {
            closeGracefully();
        }
        return true;
    }

    // ---- between two requests ----

    /** The exchange is on record; the next one may begin. */
    void exchangeEnded(Exchange exchange, boolean keepAlive) {
        current = null;
        worker.requestEnded();
        giveHead();
        if (closing || !out.active()) {
            return;
        }
        if (!keepAlive) {
            closeGracefully();
        } else if (!exchange.requestComplete()) {
            discarding = true;
            deadline.set(LingeringClose.LINGER, this::closeGracefully);
        }
        parse();
    }

    private void giveHead() {
        RequestHead done = head;
        head = null;
        if (done != null) {
            worker.heads().give(done);
        }
    }

    /** Reads on where there is room for it, and sets the clock of whoever has to send next. */
    private void settle() {
        if (closing || parsing) {
            return;
        }
        out.reading(unread == null || current == null);
        if (current != null || discarding) {
            return;
        }
        RequestHead arriving = head;
        if (unread != null || (arriving != null && arriving.begun())) {
            if (!headClock) {
                headClock = true;
                deadline.set(
                        worker.limits().requestHead(),
                        () -> unreadable(new Rejection.ClientFailed(
                                Reason.CLIENT_TIMEOUT, "request head not complete in time")));
            }
        } else if (retiring || halfClosed) {
            closeGracefully();
        } else {
            headClock = false; // Perhaps an empty line had set it.
            deadline.set(worker.limits().keepAlive(), idle);
        }
    }

    /** The upstream takes more of the body. */
    void resumeBody() {
        restartPace();
        parse();
    }

    /** Until now the client was kept waiting. */
    void restartPace() {
        pace.restart(body.dataBytes(), System.nanoTime());
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        reading = false;
        if (current != null) {
            current.requestReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (current != null && out.writable()) {
            current.downstreamWritable();
        }
    }

    /**
     * In the clear a client may close its half behind a whole request and still be answered, soon; one that has left for good looks the same, and its request is not kept up for long. In the middle of a request it
     * has given up. Over TLS the end of either half is the end.
     */
    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event == ChannelInputShutdownEvent.INSTANCE) {
            out.inputEnded();
            if (!closing) {
                halfClosed(ctx);
            }
        } else if (event instanceof SslCloseCompletionEvent && !closing) {
            close(); // Nothing can be written any more: what waits would be on record as answered, and was not.
        }
        super.userEventTriggered(ctx, event);
    }

    private void halfClosed(ChannelHandlerContext ctx) {
        halfClosed = true;
        Exchange answering = current;
        if (answering == null || !answering.requestComplete()) {
            close();
        } else {
            ctx.executor().schedule(() -> leave(answering), LingeringClose.LINGER.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    private void leave(Exchange unanswered) {
        if (current == unanswered && !unanswered.answering()) {
            close();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closing = true;
        deadline.clear();
        worker.closed(this);
        dropUnread();
        out.closed();
        if (current != null) {
            current.clientClosed();
        } else {
            giveHead();
        }
    }

    private void dropUnread() {
        release(unread);
        unread = null;
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        if (!(cause instanceof IOException) && !(cause instanceof DecoderException)) { // Not the network's, nor TLS's.
            LOG.log(System.Logger.Level.ERROR, "connection failed inside the sidecar", cause);
        }
        cut();
    }

    // ---- for its exchange and its worker ----

    /** Records that an exchange is still under way, if it is and its time has come. */
    void recordInterval(long nanos) {
        if (current != null) {
            current.recordInterval(nanos);
        }
    }

    Optional<Peer> peer() {
        return peer;
    }

    Patience patience() {
        return patience;
    }

    /** Of the exchange that begins. */
    Outcome outcome(AuditRecord record) {
        Outcome next = outcome == null ? new Outcome(record) : outcome.of(record);
        outcome = next;
        return next;
    }

    private boolean clientsTurn() {
        return current == null || current.clientsTurn();
    }

    private void late(Rejection why) {
        if (current != null) {
            current.reject(why);
        }
    }

    ByteBufAllocator alloc() {
        return out.alloc();
    }

    /** Of the body under way, payload octets only. */
    long requestBytes() {
        return body.dataBytes();
    }

    boolean writable() {
        return out.writable();
    }

    void write(ByteBuf bytes) {
        out.write(bytes);
    }

    void writeWithRoom(ByteBuf bytes) {
        out.writeWithRoom(bytes);
    }

    boolean writeLast(@Nullable ByteBuf bytes) {
        return out.writeLast(bytes);
    }

    void whenWritten(Runnable written, Runnable failed) {
        out.whenWritten(written, failed);
    }

    void flush() {
        out.flush();
    }

    /** Whether the connection can serve another request after this exchange. An unread body costs it unless it is known to be small and on its way. */
    boolean keepsAlive(Exchange exchange) {
        RequestHead served = exchange.head();
        boolean readable = exchange.requestComplete()
                || (!served.has(Field.EXPECT)
                        && served.contentLength() >= 0
                        && served.contentLength() <= worker.limits().discardedBodyBytes());
        return readable && !retiring && !closing;
    }

    /** No new request is begun after the one under way; an idle connection ends now. */
    @Override
    public void retire() {
        retiring = true;
        settle();
    }

    /** The connection may not live longer: what is under way is given up. */
    @Override
    public void expire(End why) {
        Exchange exchange = current;
        cut();
        if (exchange != null) {
            exchange.abandoned(why.detail());
        }
    }

    /**
     * Ends the connection at a message boundary: close_notify and FIN, then what still arrives is thrown away until the peer has closed. Together with {@link #cut} this is a promise
     * to other sidecars: a close_notify before any response byte means that no request was read, so theirs may safely be sent again.
     */
    private void closeGracefully() {
        if (closing) {
            return;
        }
        closing = true;
        dropUnread();
        out.linger();
        deadline.set(LingeringClose.LINGER, this::close);
    }

    /** Closes without close_notify, passing by the TLS handler; in the clear, by a reset: nobody can take the end for an orderly one. */
    void cut() {
        if (current != null) {
            out.resetOnClose();
        }
        close();
    }

    private void close() {
        closing = true;
        out.close();
    }
}
