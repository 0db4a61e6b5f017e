package dev.sallyport.proxy.carry;

import dev.sallyport.proxy.carry.Journey.Handle;
import dev.sallyport.proxy.carry.Journey.Span;
import dev.sallyport.proxy.exchange.Exchange;
import dev.sallyport.proxy.exchange.Hex;
import dev.sallyport.proxy.exchange.TraceState;
import dev.sallyport.proxy.exchange.Tracing;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.token.Secrets;
import dev.sallyport.proxy.token.Voucher;
import io.netty.channel.EventLoop;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Where a user's journey through this service begins: its request gets a handle and a span of its own, which count until it has ended. One per event loop. */
public final class Boarding {
    /** Drawn at once: most of the cost of a secure number is that of asking. */
    private static final int DRAWN_BYTES = 24 * 64;

    private final Journeys journeys;
    private final EventLoop loop;
    private final Duration grace;
    private final SecureRandom random = Secrets.generator();
    private final byte[] drawn = new byte[DRAWN_BYTES];
    private final ByteBuffer left = ByteBuffer.wrap(drawn).limit(0);
    private final byte[] text = new byte[32];

    /** {@code grace}: how long after the end of its inbound request a user may still go on; usually not at all. */
    public Boarding(Journeys journeys, EventLoop loop, Duration grace) {
        this.journeys = journeys;
        this.loop = loop;
        this.grace = grace;
    }

    /** Before {@code exchange} is forwarded, after {@link Tracing#ensure}: what the application sends on with this handle or this span goes on for the user of {@code voucher}. False when too many are under way. */
    public boolean begin(Exchange exchange, Voucher voucher) {
        RequestHead head = exchange.head();
        ByteBuffer secret = draw();
        Handle handle = new Handle(secret.getLong(), secret.getLong());
        Span span = Span.in(head, Math.max(1, secret.getLong() & Long.MAX_VALUE)); // Zero is no span.
        Journey journey = new Journey(handle, span, voucher);
        if (!journeys.begin(journey)) {
            return false;
        }
        exchange.whenEnded(() -> end(journey));
        exchange.span(exchange.span().as(span.span())); // What the application's spans hang on is one span, not two.
        Tracing.span(head, span.span(), exchange.worker());
        Hex.write(handle.high(), text, 0);
        Hex.write(handle.low(), text, 16);
        TraceState.put(head, new String(text, StandardCharsets.ISO_8859_1));
        return true;
    }

    /** Of a request that begins no journey: were its span that of one under way, its application would go on as that one's user. After {@link Tracing#ensure}. */
    public void pass(Exchange exchange) {
        boolean own = exchange.span().recorded();
        if (!own && journeys.size() > 0 && journeys.of(Span.of(exchange.head())) != null) {
            Tracing.anotherSpan(exchange.head(), exchange.worker());
        }
    }

    private ByteBuffer draw() {
        if (left.remaining() < 24) {
            random.nextBytes(drawn);
            left.clear();
        }
        return left;
    }

    private void end(Journey journey) {
        if (grace.isZero() || loop.isShuttingDown()) {
            journeys.end(journey);
        } else {
            loop.schedule(() -> journeys.end(journey), grace.toMillis(), TimeUnit.MILLISECONDS);
        }
    }
}
