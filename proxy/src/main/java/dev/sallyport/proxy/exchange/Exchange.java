package dev.sallyport.proxy.exchange;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.HeaderHygiene;
import dev.sallyport.proxy.upstream.Target;
import dev.sallyport.proxy.upstream.UpstreamConnection;
import dev.sallyport.proxy.upstream.UpstreamFailure;
import dev.sallyport.proxy.upstream.UpstreamListener;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpStatusClass;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request on one downstream connection, on that connection's event loop from its head to its record.
 *
 * <pre>
 * DECIDING ──forward──▶ CONNECTING ──connected──▶ RELAYING ──last byte──▶ FINISHING ──flushed──▶ ENDED
 *  │  │ ▲                  │   ▲                     │                       ▲
 *  │  await                │   └──── one retry ──────┤                       │
 *  └──────────reject───────┴──────────reject─────────┴───────────────────────┘      (client gone, cut: straight to ENDED)
 * </pre>
 *
 * DECIDING may await answers, one at a time: meanwhile nothing is read, a deadline runs, and an answer that finds another state is dropped, so that nothing is forwarded for an
 * exchange that has ended. In RELAYING both bodies stream: whoever is full stops the other's reading, so that a connection holds at most one read and one write buffer. ENDED is entered exactly once, and
 * entering it writes the record.
 */
public final class Exchange implements UpstreamListener {
    private enum State {
        DECIDING,
        CONNECTING,
        RELAYING,
        FINISHING,
        ENDED
    }

    /** What is sent where, and what cleans the response's headers. */
    private record Errand(HttpRequest request, Target to, Consumer<HttpHeaders> responseRules) {}

    /** 100, 102 and 103 have their uses; clients give up after about eight. */
    private static final int INTERIM_MAX = 4;

    private final Worker worker;
    private final ExchangeHandler downstream;
    private final HttpRequest head;
    private final AuditRecord record;
    /** Read before anything rewrites the head. */
    private final boolean clientKeepsAlive;

    private final ArrayDeque<HttpContent> early = new ArrayDeque<>(2);
    private final Replay replay;
    private final Outcome outcome;
    private final Patience waits;

    private State state = State.DECIDING;
    private int awaited;
    private @Nullable Errand forwarded;
    private Optional<HeldResponse> held = Optional.empty();
    private @Nullable UpstreamConnection upstream;
    private boolean requestComplete;
    private boolean responseStarted;
    private boolean keepAlive;
    private int interims;

    Exchange(Worker worker, ExchangeHandler downstream, HttpRequest head, AuditRecord record) {
        this.worker = worker;
        this.downstream = downstream;
        this.head = head;
        this.record = record;
        this.clientKeepsAlive = HttpUtil.isKeepAlive(head);
        this.replay = new Replay(worker.limits().replayBytes());
        this.outcome = new Outcome(record);
        this.waits = new Patience(downstream.deadline(), worker.limits(), this::clientsTurn, this::reject);
    }

    /** As it arrived, strict but unjudged. */
    public HttpRequest head() {
        return head;
    }

    /** Filled on the way; written once at the end. */
    public AuditRecord record() {
        return record;
    }

    public Worker worker() {
        return worker;
    }

    boolean requestComplete() {
        return requestComplete;
    }

    /**
     * Waits for an answer that somebody gives on this loop: {@code then} goes on with it, unless the exchange has ended meanwhile. After {@code atMost} it ends as {@code late}. The
     * returned call-back counts once.
     */
    public <T> Consumer<T> await(Duration atMost, Rejection late, Consumer<T> then) {
        int ticket = ++awaited;
        downstream.reading(false);
        waits.forAnswer(atMost, late);
        return answer -> {
            if (state == State.DECIDING && ticket == awaited) {
                awaited++;
                waits.forNothing();
                downstream.guarded(this, () -> then.accept(answer));
            }
        };
    }

    /** Before {@link #forward}: nothing of the response reaches the client until the returned call-back hears true, on this loop; false ends the exchange as {@code otherwise}. */
    public Consumer<Boolean> holdResponse(Rejection otherwise) {
        HeldResponse holding = new HeldResponse(this, () -> reject(otherwise));
        held = Optional.of(holding);
        return holding::decide;
    }

    /** Sends {@code request} to {@code to} and relays the answer; {@code rules} clean the response's headers. Once, only for what was admitted, and not after the end. */
    public void forward(HttpRequest request, Target to, Consumer<HttpHeaders> rules) {
        if (state != State.DECIDING) {
            return;
        }
        Errand errand = new Errand(request, to, rules);
        forwarded = errand;
        outcome.forwarded();
        connect(errand, false);
    }

    private void connect(Errand errand, boolean fresh) {
        state = State.CONNECTING;
        downstream.reading(false);
        waits.forConnection();
        worker.pool().acquire(errand.to(), fresh, held.isPresent() ? held.get() : this);
    }

    @Override
    public boolean wanted() {
        return state == State.CONNECTING;
    }

    void requestContent(HttpContent content) {
        if (content.decoderResult().isFailure()) {
            content.release();
            reject(new Rejection.Malformed(
                    Reason.FRAMING_REJECTED,
                    "body: " + content.decoderResult().cause().getMessage()));
            return;
        }
        record.requestBytes += content.content().readableBytes();
        if (content instanceof LastHttpContent last) {
            requestComplete = true;
            HeaderHygiene.cleanTrailers(last.trailingHeaders());
        }
        UpstreamConnection connection = upstream;
        if (state == State.RELAYING && connection != null) {
            send(connection, content);
        } else if (state == State.FINISHING || state == State.ENDED) {
            content.release();
        } else {
            early.add(content);
        }
    }

    private void send(UpstreamConnection connection, HttpContent content) {
        if (!responseStarted) {
            replay.keep(content);
        }
        connection.write(content);
        if (requestComplete) {
            downstream.reading(true); // A closing client is seen only while reading.
        } else if (!connection.writable()) {
            downstream.reading(false);
        }
        awaitProgress();
    }

    void requestReadComplete() {
        if (upstream != null) {
            upstream.flush();
        }
    }

    @Override
    public void upstreamWritable() {
        downstream.reading(true);
        awaitProgress();
    }

    @Override
    public void connected(UpstreamConnection connection) {
        Errand errand = forwarded;
        if (state != State.CONNECTING || errand == null) {
            connection.release();
            return;
        }
        state = State.RELAYING;
        upstream = connection;
        record.upstreamAddress = connection.address().toString();
        record.upstreamId = connection.peer().map(peer -> peer.id().toString()).orElse(null);
        connection.write(errand.request());
        replay.writeTo(connection);
        for (HttpContent content = early.poll(); content != null; content = early.poll()) {
            send(connection, content);
        }
        connection.flush();
        downstream.reading(requestComplete || connection.writable());
        awaitProgress();
    }

    @Override
    public void unavailable(UpstreamFailure failure) {
        reject(new Rejection.UpstreamFailed(failure.reason(), failure.detail()));
    }

    @Override
    public void failed(UpstreamFailure failure) {
        boolean reused = upstream != null && upstream.reused();
        Errand errand = forwarded;
        upstream = null;
        if (state == State.RELAYING
                && errand != null
                && !responseStarted
                && replay.mayRepeat(failure, reused, head.method(), requestComplete)) {
            worker.metrics().retried();
            connect(errand, true);
        } else {
            reject(new Rejection.UpstreamFailed(failure.reason(), failure.detail()));
        }
    }

    @Override
    public void responseHead(HttpResponse response) {
        HeaderHygiene.removeHopByHop(response.headers());
        if (forwarded != null) {
            forwarded.responseRules().accept(response.headers());
        }
        response.setProtocolVersion(HttpVersion.HTTP_1_1);
        if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            interim(response);
            return;
        }
        responseStarted = true;
        outcome.answered();
        replay.forget();
        record.status = response.status().code();
        boolean framed = ResponseFraming.frame(response, head);
        keepAlive = framed && clientKeepsAlive && downstream.keepsAlive(this);
        ResponseFraming.connection(response, head, keepAlive);
        downstream.write(response);
        awaitProgress();
    }

    private void interim(HttpResponse response) {
        if (++interims > INTERIM_MAX) {
            reject(new Rejection.UpstreamFailed(
                    Reason.UPSTREAM_PROTOCOL, "response: more than " + INTERIM_MAX + " interim ones"));
        } else if (head.protocolVersion().equals(HttpVersion.HTTP_1_1)) {
            downstream.write(ResponseFraming.interim(response));
        }
    }

    @Override
    public void responseBody(HttpContent content) {
        record.responseBytes += content.content().readableBytes();
        if (content instanceof LastHttpContent last) {
            HeaderHygiene.cleanTrailers(last.trailingHeaders());
            outcome.answered();
            letGo(requestComplete);
            finish(content);
        } else {
            downstream.write(content);
            if (!downstream.writable() && upstream != null) {
                upstream.reading(false);
            }
            awaitProgress();
        }
    }

    @Override
    public void responseReadComplete() {
        downstream.flush();
    }

    void downstreamWritable() {
        if (upstream != null) {
            upstream.reading(true);
            awaitProgress();
        }
    }

    /** Answers with the rejection's status if nothing was answered yet, otherwise cuts the connection: a truncated response must not look whole. */
    public void reject(Rejection why) {
        if (state == State.FINISHING || state == State.ENDED) {
            return;
        }
        outcome.rejected(why);
        letGo(false);
        if (responseStarted) {
            downstream.cut();
            end();
            return;
        }
        FullHttpResponse response = ProblemResponse.of(why, record.id);
        record.status = why.reason().status();
        record.responseBytes = response.content().readableBytes();
        responseStarted = true;
        keepAlive = clientKeepsAlive
                && downstream.keepsAlive(this)
                && !(why instanceof Rejection.Malformed)
                && !(why instanceof Rejection.ClientFailed);
        ResponseFraming.connection(response, head, keepAlive);
        finish(response);
    }

    private void finish(Object last) {
        state = State.FINISHING;
        waits.forTheClientToRead(() -> {
            outcome.gaveUp(new Rejection.ClientFailed(Reason.CLIENT_TIMEOUT, "response not read"));
            downstream.cut();
            end();
        });
        downstream.writeLast(last, this::end, this::clientClosed);
    }

    /** The downstream connection is gone. */
    void clientClosed() {
        giveUp(new Rejection.ClientFailed(Reason.CLIENT_CLOSED, "client closed the connection"));
    }

    /** The sidecar stops and waits no longer. */
    void abandoned() {
        String detail = "cut at the end of the drain";
        giveUp(
                forwarded == null
                        ? new Rejection.Refused(Reason.DRAINING, detail)
                        : new Rejection.UpstreamFailed(Reason.DRAINING, detail)); // The decision stands.
    }

    /** Ends without an answer. */
    private void giveUp(Rejection why) {
        if (state != State.ENDED) {
            outcome.gaveUp(why);
            letGo(false);
            end();
        }
    }

    private void letGo(boolean reusable) {
        UpstreamConnection connection = upstream;
        upstream = null;
        early.forEach(HttpContent::release);
        early.clear();
        held.ifPresent(HeldResponse::drop);
        replay.forget();
        if (connection != null) {
            if (reusable) {
                connection.release();
            } else {
                connection.discard();
            }
        }
    }

    private void end() {
        if (state == State.ENDED) {
            return;
        }
        state = State.ENDED;
        waits.forNothing();
        Reason reason = outcome.end(responseStarted);
        worker.append(record);
        worker.metrics().requestEnded(worker.direction(), reason, record.durationMicros);
        downstream.exchangeEnded(this, keepAlive);
    }

    /** Sets the clock for whatever has to happen next. */
    private void awaitProgress() {
        if (state == State.RELAYING && requestComplete && !responseStarted) {
            waits.forResponseHead();
        } else if (state == State.RELAYING) {
            waits.forBodies();
        }
    }

    private boolean clientsTurn() {
        return responseStarted ? !downstream.writable() : upstream == null || upstream.writable();
    }
}
