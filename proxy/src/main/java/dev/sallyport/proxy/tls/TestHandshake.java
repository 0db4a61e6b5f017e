package dev.sallyport.proxy.tls;

import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.ReferenceCountUtil;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.jspecify.annotations.Nullable;

/**
 * Whether this sidecar and a holder of a certificate that nobody uses yet would accept each other: whole handshakes in memory, in both roles, against the very contexts that serve. A verification of the chain alone would
 * not see what only a handshake does: a usage that TLS wants, an algorithm that it does not know, a chain that is too long to be sent. Takes some milliseconds, at most {@link #LIMIT}; not on an event loop that carries traffic.
 */
public final class TestHandshake {
    static final Duration LIMIT = Duration.ofSeconds(5);
    /** From one side to the other and back; TLS 1.3 needs two, and one for a byte each way. */
    private static final int TURNS_MAX = 16;

    /** Builds the contexts of whoever {@code source} is. */
    @FunctionalInterface
    public interface Builder {
        Contexts of(SvidSource source) throws SSLException;
    }

    private final Contexts ours;
    private final SvidSource source;
    private final Builder builder;

    /** {@code ours}: what serves, of {@code source}; {@code builder} makes contexts as ours were made. */
    public TestHandshake(Contexts ours, SvidSource source, Builder builder) {
        this.ours = ours;
        this.source = source;
        this.builder = builder;
    }

    /** Why {@code canary}, which must be of our own identity, would not do; empty when it would. It trusts whom we trust. */
    public Optional<String> problem(X509Svid canary) {
        Optional<SpiffeId> own = source.svid().map(X509Svid::id);
        if (!own.equals(Optional.of(canary.id()))) {
            return Optional.of("canary is of " + canary.id() + " (expected: "
                    + own.map(SpiffeId::toString).orElse("an identity of our own") + ")");
        }
        try (Contexts theirs = builder.of(new Holder(canary, source))) {
            return meet("as a client: ", theirs, ours, canary.id())
                    .or(() -> meet("as a server: ", ours, theirs, canary.id()));
        } catch (SSLException e) {
            return Optional.of("no context: " + e.getMessage());
        }
    }

    /** What {@code source} is, but with another certificate. */
    private record Holder(X509Svid canary, SvidSource trust) implements SvidSource {
        @Override
        public Optional<X509Svid> svid() {
            return Optional.of(canary);
        }

        @Override
        public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
            return trust.bundle(trustDomain);
        }

        @Override
        public Revocations revocations() {
            return trust.revocations();
        }

        @Override
        public long generation() {
            return trust.generation();
        }
    }

    private static Optional<String> meet(String role, Contexts client, Contexts server, SpiffeId id) {
        Side calling = new Side(client.outbound().newHandler(UnpooledByteBufAllocator.DEFAULT, "canary", 0), client);
        Side called = new Side(server.inbound().newHandler(UnpooledByteBufAllocator.DEFAULT), server);
        try {
            return talk(calling, called)
                    .or(() -> calling.mistakes(id))
                    .or(() -> called.mistakes(id))
                    .map(role::concat);
        } finally {
            calling.close();
            called.close();
        }
    }

    /** Until each has heard a byte of the other: what a client sends last is not answered, so that its handshake alone says nothing. */
    private static Optional<String> talk(Side calling, Side called) {
        long end = System.nanoTime() + LIMIT.toNanos();
        for (int turn = 0; turn < TURNS_MAX && System.nanoTime() < end; turn++) {
            calling.sayAByte();
            called.sayAByte();
            calling.pass(called);
            called.pass(calling);
            Optional<String> refused = called.refusal().or(calling::refusal);
            if (refused.isPresent() || (calling.heard() && called.heard())) {
                return refused;
            }
        }
        return called.failure()
                .or(calling::failure)
                .or(() -> Optional.of("handshake did not end within " + LIMIT.toSeconds() + " s"));
    }

    /** One end of the connection that there is not. */
    private static final class Side {
        private final SslHandler tls;
        private final Contexts contexts;
        private final EmbeddedChannel channel;
        private boolean said;
        private boolean heard;
        private @Nullable Throwable failure;

        Side(SslHandler tls, Contexts contexts) {
            this.tls = tls;
            this.contexts = contexts;
            this.channel = new EmbeddedChannel(tls, new Reader());
        }

        /** The end of the pipeline. */
        private final class Reader extends ChannelInboundHandlerAdapter {
            @Override
            public void channelRead(ChannelHandlerContext ctx, Object message) {
                heard |= message instanceof ByteBuf bytes && bytes.isReadable();
                ReferenceCountUtil.release(message);
            }

            @Override
            public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
                failure = failure == null ? cause : failure;
            }
        }

        boolean heard() {
            return heard;
        }

        void sayAByte() {
            if (!said && tls.handshakeFuture().isSuccess() && channel.isOpen()) {
                said = true;
                channel.writeOutbound(Unpooled.wrappedBuffer(new byte[1]));
            }
        }

        void pass(Side other) {
            for (ByteBuf out = channel.readOutbound(); out != null; out = channel.readOutbound()) {
                if (other.channel.isOpen()) {
                    other.channel.writeInbound(out);
                } else {
                    out.release();
                }
            }
        }

        void close() {
            channel.close();
            channel.releaseInbound();
            channel.releaseOutbound();
        }

        private Optional<Throwable> failed() {
            return Optional.ofNullable(tls.handshakeFuture().cause()).or(() -> Optional.ofNullable(failure));
        }

        /** That the other is not trusted. */
        Optional<String> refusal() {
            return failed().flatMap(RefusedPeerException::in)
                    .map(refused -> refused.reason().code() + ": " + refused.getMessage());
        }

        /** Whatever went wrong, also what the other side told in an alert. */
        Optional<String> failure() {
            return failed().map(Throwable::toString);
        }

        /** Who the other turned out to be, as a connection that serves asks. */
        Optional<String> mistakes(SpiffeId expected) {
            try {
                SpiffeId peer = Peer.of(tls.engine(), contexts.svids()).id();
                return peer.equals(expected)
                        ? Optional.empty()
                        : Optional.of("peer is " + peer + " (expected: " + expected + ")");
            } catch (SvidRejectedException | SSLPeerUnverifiedException e) {
                return Optional.of(String.valueOf(e.getMessage()));
            }
        }
    }
}
