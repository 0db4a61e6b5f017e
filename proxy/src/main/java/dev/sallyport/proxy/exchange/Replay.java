package dev.sallyport.proxy.exchange;

import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.upstream.UpstreamConnection;
import dev.sallyport.proxy.upstream.UpstreamFailure;
import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;

/** The request body sent so far, kept within a bound until the upstream has answered, in case its pooled connection turns out to be closed. Releases what it holds. */
final class Replay {
    private static final int REPEATS_MAX = 2;
    /** A buffer costs memory of its own: a body of one-byte pieces must not keep thousands of them. */
    private static final int BUFFERS_MAX = 64;

    private final int bytesMax;
    private List<ByteBuf> sent = List.of();
    private int bytes;
    private int repeats;
    private boolean complete = true;

    Replay(int bytesMax) {
        this.bytesMax = bytesMax;
    }

    void keep(ByteBuf piece) {
        if (!complete) {
            return;
        }
        bytes += piece.readableBytes();
        if (bytes <= bytesMax && sent.size() < BUFFERS_MAX) {
            sent = sent.isEmpty() ? new ArrayList<>(2) : sent;
            sent.add(piece.retainedDuplicate());
        } else {
            forget();
        }
    }

    /**
     * Whether the request may be sent again on a fresh connection: only when no application can have acted on it. Either the peer proved that it read nothing (an authenticated close before any byte of a
     * response), or a pooled connection died in silence under a safe request (RFC 9110 section 9.2.1) without a body, once. A true answer counts as the repeat.
     */
    boolean mayRepeat(UpstreamFailure failure, boolean reused, RequestHead head) {
        boolean died = failure.reason() == Reason.UPSTREAM_UNAVAILABLE && reused && repeats == 0;
        boolean safe = head.is("GET") || head.is("HEAD") || head.is("OPTIONS");
        boolean harmless = died && safe && head.bodiless();
        boolean may = complete && repeats < REPEATS_MAX && (failure.untouched() || harmless);
        repeats += may ? 1 : 0;
        return may;
    }

    int repeats() {
        return repeats;
    }

    void writeTo(UpstreamConnection connection) {
        for (int i = 0; i < sent.size(); i++) { // No iterator: nearly always there is nothing, for every request.
            connection.write(sent.get(i).retainedDuplicate());
        }
    }

    void forget() {
        complete = false;
        for (int i = 0; i < sent.size(); i++) {
            sent.get(i).release();
        }
        sent = List.of();
    }
}
