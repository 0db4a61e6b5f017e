package dev.sallyport.proxy.exchange;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.MalformedHead;
import dev.sallyport.proxy.http.RequestHeadDecoder;
import dev.sallyport.proxy.http.ResponseEncoder;
import dev.sallyport.proxy.telemetry.Connections;
import dev.sallyport.proxy.tls.Peer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelException;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A downstream connection: its exchanges one after another, in order. What arrives for the next one waits, and reading stops meanwhile. Event loop only. */
public final class ExchangeHandler extends ChannelInboundHandlerAdapter {
    private static final System.Logger LOG = System.getLogger(ExchangeHandler.class.getName());
    /** How long a closing connection may still send what nobody reads, so that our last response is not lost to a reset. */
    private static final Duration LINGER = Duration.ofSeconds(1);

    private final Worker worker;
    private final Optional<Peer> peer;
    private final Optional<Connections.Open> listed;
    private final RequestHeadDecoder decoder;
    private final ResponseEncoder encoder;
    private final Consumer<Exchange> handler;
    private final Channel channel;
    private final Deadline deadline;
    private final ArrayDeque<Object> waiting = new ArrayDeque<>();

    private @Nullable Exchange current;
    private boolean retiring;
    private boolean closing;
    private boolean discarding;
    private int discardable;
    private boolean resuming;

    private ExchangeHandler(
            Worker worker,
            Optional<Peer> peer,
            Optional<Connections.Open> listed,
            RequestHeadDecoder decoder,
            ResponseEncoder encoder,
            Channel channel,
            Consumer<Exchange> handler) {
        this.worker = worker;
        this.peer = peer;
        this.listed = listed;
        this.decoder = decoder;
        this.encoder = encoder;
        this.handler = handler;
        this.channel = channel;
        this.deadline = new Deadline(channel.eventLoop());
    }

    /** HTTP/1.1 begins here; {@code handler} decides each exchange: forwards or rejects it. */
    public static void install(
            Channel channel,
            Worker worker,
            Optional<Peer> peer,
            Optional<Connections.Open> listed,
            Consumer<Exchange> handler) {
        RequestHeadDecoder decoder = new RequestHeadDecoder(worker.limits());
        ResponseEncoder encoder = new ResponseEncoder();
        ChannelPipeline pipeline = channel.pipeline();
        pipeline.addLast("encode", encoder).addLast("decode", decoder);
        pipeline.addLast("exchange", new ExchangeHandler(worker, peer, listed, decoder, encoder, channel, handler));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        worker.opened(this);
        if (!closing) {
            awaitRequest();
        }
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        Exchange exchange = current;
        if (closing) {
            ReferenceCountUtil.release(message);
        } else if (discarding) {
            discard(message);
        } else if (exchange != null && !exchange.requestComplete() && message instanceof HttpContent content) {
            exchange.requestContent(content);
        } else if (exchange != null || !waiting.isEmpty()) {
            waiting.add(message);
            reading(false);
        } else {
            begin(message);
        }
    }

    private void begin(Object message) {
        AuditRecord record = worker.newRecord(
                worker.direction() == Connections.Direction.INBOUND
                        ? AuditRecord.Direction.INBOUND
                        : AuditRecord.Direction.OUTBOUND);
        record.peerAddress = address();
        peer.ifPresent(proven -> {
            record.callerId = proven.id().toString();
            record.peerSerial = proven.serial();
            record.peerFingerprint = proven.fingerprint();
            record.tlsVersion = proven.tlsVersion();
            record.tlsCipher = proven.tlsCipher();
        });
        worker.metrics().requestStarted(worker.direction());
        deadline.clear();
        switch (message) {
            case HttpRequest head -> {
                listed.ifPresent(Connections.Open::request);
                record.method = head.method().name();
                encoder.answering(head.method());
                Exchange exchange = new Exchange(worker, this, head, record);
                current = exchange;
                Unspoken.in(head).ifPresentOrElse(exchange::reject, () -> decide(exchange));
            }
            case MalformedHead malformed ->
                unreadable(record, new Rejection.Malformed(malformed.reason(), malformed.detail()));
            default -> {
                ReferenceCountUtil.release(message);
                unreadable(
                        record,
                        new Rejection.Internal(
                                "unexpected message: " + message.getClass().getSimpleName()));
            }
        }
    }

    private void unreadable(AuditRecord record, Rejection why) {
        encoder.answering(HttpMethod.GET);
        Exchange exchange =
                new Exchange(worker, this, new DefaultHttpRequest(HttpVersion.HTTP_1_1, HttpMethod.GET, "/"), record);
        current = exchange;
        exchange.reject(why);
    }

    private void decide(Exchange exchange) {
        guarded(exchange, () -> handler.accept(exchange));
    }

    /** Whatever a step of deciding throws ends the exchange, and only that. */
    void guarded(Exchange exchange, Runnable step) {
        try {
            step.run();
        } catch (RuntimeException e) {
            LOG.log(System.Logger.Level.ERROR, "request failed inside the sidecar", e);
            exchange.reject(new Rejection.Internal(e.getClass().getName()));
        }
    }

    /** The rest of a refused body, a little of it and for a moment, to keep the connection. */
    private void discard(Object message) {
        if (message instanceof HttpContent content) {
            discardable -= content.content().readableBytes();
            boolean last = content instanceof LastHttpContent;
            boolean broken = content.decoderResult().isFailure();
            content.release();
            if (broken || discardable < 0) {
                closeGracefully();
            } else if (last) {
                discarding = false;
                resume();
            }
        } else {
            ReferenceCountUtil.release(message);
        }
    }

    /** The exchange is on record; the next one may begin. */
    void exchangeEnded(Exchange exchange, boolean keepAlive) {
        current = null;
        if (closing || !channel.isActive()) {
            return;
        }
        if (!keepAlive) {
            closeGracefully();
        } else if (!exchange.requestComplete()) {
            discarding = true;
            discardable = worker.limits().discardedBodyBytes();
            deadline.set(LINGER, this::closeGracefully);
            reading(true);
        } else {
            resume();
        }
    }

    /** Serves what has waited. A loop, not a recursion: an exchange may end before {@link #begin} returns. */
    private void resume() {
        if (resuming) {
            return;
        }
        resuming = true;
        while (current == null && !discarding && !closing && !waiting.isEmpty()) {
            begin(waiting.remove());
            while (current != null && !current.requestComplete() && waiting.peek() instanceof HttpContent) {
                current.requestContent((HttpContent) waiting.remove());
            }
            if (current != null) {
                current.requestReadComplete(); // These come from no read that would end.
            }
            while (discarding && !waiting.isEmpty()) {
                discard(waiting.remove());
            }
        }
        resuming = false;
        if (current == null && !discarding && !closing) {
            awaitRequest();
        }
    }

    private void awaitRequest() {
        reading(true);
        if (decoder.midHead()) {
            headStarted();
        } else if (retiring) {
            closeGracefully();
        } else {
            deadline.set(worker.limits().keepAlive(), this::closeGracefully);
        }
    }

    private void headStarted() {
        deadline.set(worker.limits().requestHead(), () -> {
            AuditRecord record = worker.newRecord(
                    worker.direction() == Connections.Direction.INBOUND
                            ? AuditRecord.Direction.INBOUND
                            : AuditRecord.Direction.OUTBOUND);
            record.peerAddress = address();
            record.callerId = peer.map(proven -> proven.id().toString()).orElse(null);
            worker.metrics().requestStarted(worker.direction());
            unreadable(record, new Rejection.ClientFailed(Reason.CLIENT_TIMEOUT, "request head not complete in time"));
        });
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) throws Exception {
        if (event == RequestHeadDecoder.Event.HEAD_STARTED && current == null && !discarding && !closing) {
            headStarted();
        }
        super.userEventTriggered(ctx, event);
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        if (current != null) {
            current.requestReadComplete();
        }
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext ctx) {
        if (current != null && channel.isWritable()) {
            current.downstreamWritable();
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        closing = true;
        deadline.clear();
        worker.closed(this);
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
        if (current != null) {
            current.clientClosed();
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
        cut();
    }

    // ---- for its exchange and its worker ----

    Optional<Peer> peer() {
        return peer;
    }

    Deadline deadline() {
        return deadline;
    }

    void reading(boolean wanted) {
        channel.config().setAutoRead(wanted && waiting.isEmpty());
    }

    boolean writable() {
        return channel.isWritable();
    }

    void write(Object message) {
        channel.write(message, channel.voidPromise());
    }

    void writeLast(Object message, Runnable written, Runnable failed) {
        channel.writeAndFlush(message).addListener(done -> (done.isSuccess() ? written : failed).run());
    }

    void flush() {
        channel.flush();
    }

    /** Whether the connection can serve another request after this exchange. An unread body costs it unless it is known to be small and on its way. */
    boolean keepsAlive(Exchange exchange) {
        HttpRequest head = exchange.head();
        boolean bodiless = !HttpUtil.isContentLengthSet(head) && !HttpUtil.isTransferEncodingChunked(head);
        boolean readable = exchange.requestComplete()
                || bodiless
                || (!HttpUtil.is100ContinueExpected(head)
                        && HttpUtil.getContentLength(head, Long.MAX_VALUE)
                                <= worker.limits().discardedBodyBytes());
        return readable && !retiring && !closing;
    }

    /** No new request is begun after the one under way; an idle connection ends now. */
    void retire() {
        retiring = true;
        if (current == null && !discarding && waiting.isEmpty() && !decoder.midHead()) {
            closeGracefully();
        }
    }

    /** The worker stops: what is under way is given up. */
    void abort() {
        cut();
        if (current != null) {
            current.abandoned();
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
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
        LingeringClose.begin(channel);
        reading(true);
        deadline.set(LINGER, this::close);
    }

    /** Closes without close_notify, passing by the TLS handler; in the clear, by a reset: nobody can take the end for an orderly one. */
    void cut() {
        if (current != null && channel.pipeline().get(SslHandler.class) == null) {
            try { // Without TLS a FIN is all that ends a response without a length.
                channel.config().setOption(ChannelOption.SO_LINGER, 0);
            } catch (ChannelException e) {
                LOG.log(System.Logger.Level.DEBUG, "connection is closed already", e);
            }
        }
        close();
    }

    private void close() {
        closing = true;
        ChannelHandlerContext first = channel.pipeline().firstContext();
        if (first != null) {
            first.close();
        }
    }

    private String address() {
        return channel.remoteAddress() instanceof InetSocketAddress remote
                ? remote.getAddress().getHostAddress() + ":" + remote.getPort()
                : "";
    }
}
