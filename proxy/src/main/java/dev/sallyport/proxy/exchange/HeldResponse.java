package dev.sallyport.proxy.exchange;

import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.upstream.UpstreamConnection;
import dev.sallyport.proxy.upstream.UpstreamFailure;
import dev.sallyport.proxy.upstream.UpstreamListener;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpObject;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.ReferenceCountUtil;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;

/**
 * Between an upstream and an exchange that may not see the response yet: keeps what one read brought, stops reading, and hands all of it on when it may pass. Event loop only.
 */
final class HeldResponse implements UpstreamListener {
    private final UpstreamListener exchange;
    private final Runnable otherwise;
    private final ArrayDeque<HttpObject> waiting = new ArrayDeque<>(2);
    private @Nullable UpstreamConnection connection;
    private boolean open;

    /** {@code otherwise} ends the exchange. */
    HeldResponse(UpstreamListener exchange, Runnable otherwise) {
        this.exchange = exchange;
        this.otherwise = otherwise;
    }

    /** True: from now on everything passes. */
    void decide(boolean mayPass) {
        if (mayPass) {
            open();
        } else {
            otherwise.run();
        }
    }

    private void open() {
        open = true;
        boolean waited = !waiting.isEmpty();
        if (waited && connection != null) {
            connection.reading(true); // Before the exchange sees it, and perhaps has to stop it again.
        }
        for (HttpObject message = waiting.poll(); message != null; message = waiting.poll()) {
            if (message instanceof HttpResponse response) {
                exchange.responseHead(response);
            } else if (message instanceof HttpContent content) {
                exchange.responseBody(content);
            }
        }
        if (waited) {
            exchange.responseReadComplete();
        }
    }

    /** The exchange has ended. */
    void drop() {
        connection = null;
        waiting.forEach(ReferenceCountUtil::release);
        waiting.clear();
    }

    private void hold(HttpObject message) {
        waiting.add(message);
        if (connection != null) {
            connection.reading(false);
        }
    }

    @Override
    public void responseHead(HttpResponse response) {
        if (open) {
            exchange.responseHead(response);
        } else {
            hold(response);
        }
    }

    @Override
    public void responseBody(HttpContent content) {
        if (open) {
            exchange.responseBody(content);
        } else {
            hold(content);
        }
    }

    @Override
    public void failed(UpstreamFailure failure) {
        boolean begun = !waiting.isEmpty();
        drop();
        // The exchange has seen nothing of the response, and must not take it for one that never began.
        exchange.failed(begun ? new UpstreamFailure(Reason.UPSTREAM_PROTOCOL, failure.detail(), false) : failure);
    }

    @Override
    public void connected(UpstreamConnection made) {
        connection = made;
        exchange.connected(made);
    }

    @Override
    public boolean wanted() {
        return exchange.wanted();
    }

    @Override
    public void unavailable(UpstreamFailure failure) {
        exchange.unavailable(failure);
    }

    @Override
    public void responseReadComplete() {
        exchange.responseReadComplete();
    }

    @Override
    public void upstreamWritable() {
        exchange.upstreamWritable();
    }
}
