package dev.sallyport.proxy.exchange;

import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.upstream.UpstreamConnection;
import dev.sallyport.proxy.upstream.UpstreamFailure;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpMethod;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The request body sent so far, kept within a bound until the upstream has answered, in case its pooled connection turns out to be closed. Releases what it holds. */
final class Replay {
    private static final int REPEATS_MAX = 2;
    /** A buffer costs memory of its own: a body of one-byte chunks must not keep thousands of them. */
    private static final int BUFFERS_MAX = 64;

    private static final Set<HttpMethod> IDEMPOTENT =
            Set.of(HttpMethod.GET, HttpMethod.HEAD, HttpMethod.OPTIONS, HttpMethod.PUT, HttpMethod.DELETE);

    private final int bytesMax;
    private final List<HttpContent> sent = new ArrayList<>(1);
    private int bytes;
    private int repeats;
    private boolean complete = true;

    Replay(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    void keep(HttpContent content) {
        bytes += content.content().readableBytes();
        if (complete && bytes <= bytesMax && sent.size() < BUFFERS_MAX) {
            sent.add(content.retainedDuplicate());
        } else {
            forget();
        }
    }

    /**
     * Whether the request may be sent again on a fresh connection: only when no server can have acted on it. Either the peer proved that it read nothing, or a pooled connection
     * died in silence under a request that is safe to repeat (RFC 9110 section 9.2.2) and has no body. A true answer counts as the repeat.
     */
    boolean mayRepeat(UpstreamFailure failure, boolean reused, HttpMethod method, boolean whole) {
        boolean died = failure.reason() == Reason.UPSTREAM_UNAVAILABLE && reused && repeats == 0;
        boolean harmless = died && IDEMPOTENT.contains(method) && whole && bytes == 0;
        boolean may = complete && repeats < REPEATS_MAX && (failure.untouched() || harmless);
        repeats += may ? 1 : 0;
        return may;
    }

    void writeTo(UpstreamConnection connection) {
        sent.forEach(content -> connection.write(content.retainedDuplicate()));
    }

    void forget() {
        complete = false;
        sent.forEach(HttpContent::release);
        sent.clear();
    }
}
