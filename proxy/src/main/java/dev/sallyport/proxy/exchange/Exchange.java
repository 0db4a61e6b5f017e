package dev.sallyport.proxy.exchange;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.HeaderHygiene;
import dev.sallyport.proxy.tls.Peer;
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
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request on one downstream connection, on that connection's event loop from its head to its record.
 *
 * <pre>
 * DECIDING ──forward──▶ CONNECTING ──connected──▶ RELAYING ──last byte──▶ FINISHING ──flushed──▶ ENDED
 *    │                     │   ▲                     │                       ▲
 *    │                     │   └──── one retry ──────┤                       │
 *    └────────reject───────┴──────────reject─────────┴───────────────────────┘      (client gone, cut: straight to ENDED)
 * </pre>
 *
 * In RELAYING both bodies stream: whoever is full stops the other's reading, so that a connection holds at most one read and one write buffer. ENDED is entered exactly once, and
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

    /** 100, 102 and 103 have their uses; clients give up after about eight. */
    private static final int INTERIM_MAX = 4;

    private final Worker worker;
    private final ExchangeHandler downstream;
    private final HttpRequest head;
    private final AuditRecord record;
    /** Read before anything rewrites the head. */
    private final boolean clientKeepsAlive;

    private final long startedAt = System.nanoTime();
    private final ArrayDeque<HttpContent> early = new ArrayDeque<>(2);
    private final Replay replay;

    private State state = State.DECIDING;
    private Optional<Rejection> rejection = Optional.empty();
    private @Nullable HttpRequest forwarded;
    private @Nullable Target target;
    private @Nullable UpstreamConnection upstream;
    private Consumer<HttpHeaders> responseRules = headers -> {};
    private boolean requestComplete;
    private boolean responseStarted;
    private boolean keepAlive;
    private int interims;
    private long forwardedAt;
    private long answeredAt;

    Exchange(Worker worker, ExchangeHandler downstream, HttpRequest head, AuditRecord record) {
        this.worker = worker;
        this.downstream = downstream;
        this.head = head;
        this.record = record;
        this.clientKeepsAlive = HttpUtil.isKeepAlive(head);
        this.replay = new Replay(worker.limits().replayBytes());
        this.forwardedAt = startedAt;
    }

    /** As it arrived, strict but unjudged. */
    public HttpRequest head() {
        return head;
    }

    /** Filled on the way; written once at the end. */
    public AuditRecord record() {
        return record;
    }

    public Optional<Peer> peer() {
        return downstream.peer();
    }

    public Worker worker() {
        return worker;
    }

    boolean requestComplete() {
        return requestComplete;
    }

    /** Sends {@code request} to {@code to} and relays the answer; {@code rules} clean the response's headers. Once, and only for what was admitted. */
    public void forward(HttpRequest request, Target to, Consumer<HttpHeaders> rules) {
        forwarded = request;
        target = to;
        responseRules = rules;
        record.verdict = Verdict.ALLOW;
        state = State.CONNECTING;
        forwardedAt = System.nanoTime();
        downstream.reading(false);
        awaitConnection();
        worker.pool().acquire(to, false, this);
    }

    /** Until {@link #connected} sets the clock for what comes next. */
    private void awaitConnection() {
        downstream
                .deadline()
                .set(
                        worker.limits().connect().plus(worker.limits().handshake()),
                        () -> reject(new Rejection.UpstreamFailed(Reason.UPSTREAM_TIMEOUT, "no connection in time")));
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
        HttpRequest request = forwarded;
        if (state != State.CONNECTING || request == null) {
            connection.release();
            return;
        }
        state = State.RELAYING;
        upstream = connection;
        record.upstreamAddress = connection.address().toString();
        record.upstreamId = connection.peer().map(peer -> peer.id().toString()).orElse(null);
        connection.write(request);
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
        Target to = target;
        upstream = null;
        if (state == State.RELAYING
                && to != null
                && !responseStarted
                && replay.mayRepeat(failure, reused, head.method(), requestComplete)) {
            worker.metrics().retried();
            state = State.CONNECTING;
            downstream.reading(false);
            awaitConnection();
            worker.pool().acquire(to, true, this);
        } else {
            reject(new Rejection.UpstreamFailed(failure.reason(), failure.detail()));
        }
    }

    @Override
    public void responseHead(HttpResponse response) {
        HeaderHygiene.removeHopByHop(response.headers());
        responseRules.accept(response.headers());
        response.setProtocolVersion(HttpVersion.HTTP_1_1);
        if (response.status().codeClass() == HttpStatusClass.INFORMATIONAL) {
            interim(response);
            return;
        }
        responseStarted = true;
        answeredAt = System.nanoTime();
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
            answeredAt = System.nanoTime();
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
        rejection = Optional.of(why);
        letGo(false);
        if (responseStarted) {
            downstream.cut();
            end();
            return;
        }
        FullHttpResponse response = ProblemResponse.of(why.reason(), record.id);
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
        downstream.deadline().set(worker.limits().bodyProgress(), () -> {
            rejection = rejection.or(
                    () -> Optional.of(new Rejection.ClientFailed(Reason.CLIENT_TIMEOUT, "response not read")));
            downstream.cut();
            end();
        });
        downstream.writeLast(last, written -> {
            if (!written) {
                clientClosed();
            } else {
                end();
            }
        });
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

    /** Ends without an answer; a rejection that was being sent stays the reason. */
    private void giveUp(Rejection why) {
        if (state != State.ENDED) {
            rejection = rejection.or(() -> Optional.of(why));
            letGo(false);
            end();
        }
    }

    private void letGo(boolean reusable) {
        UpstreamConnection connection = upstream;
        upstream = null;
        early.forEach(HttpContent::release);
        early.clear();
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
        downstream.deadline().clear();
        Reason reason = outcome();
        long now = System.nanoTime();
        record.durationMicros = (now - startedAt) / 1000;
        record.processingMicros = (forwardedAt - startedAt + (answeredAt == 0 ? 0 : now - answeredAt)) / 1000;
        worker.append(record);
        worker.metrics().requestEnded(worker.direction(), reason, record.durationMicros);
        downstream.exchangeEnded(this, keepAlive);
    }

    /** What the record says of the end; a decision that stands stays as it was recorded. */
    private Reason outcome() {
        Reason reason = rejection.map(Rejection::reason).orElse(Reason.ALLOWED);
        record.reason = reason.code();
        rejection.ifPresent(why -> {
            record.verdict = why.verdict();
            record.detail = why.detail().isEmpty() ? null : why.detail();
            if (!responseStarted) { // Otherwise the client has another one already.
                record.status = reason.status();
            }
            if (why instanceof Rejection.Denied(Decision.Deny deny)) {
                record.nearestRule = deny.nearest().map(Object::toString).orElse(null);
            }
        });
        return reason;
    }

    /** Sets the clock for whatever has to happen next. */
    private void awaitProgress() {
        if (state != State.RELAYING) {
            return;
        }
        if (requestComplete && !responseStarted) {
            downstream
                    .deadline()
                    .set(
                            worker.limits().responseHead(),
                            () -> reject(
                                    new Rejection.UpstreamFailed(Reason.UPSTREAM_TIMEOUT, "no response head in time")));
        } else {
            downstream.deadline().set(worker.limits().bodyProgress(), this::stalled);
        }
    }

    private void stalled() {
        boolean clientsTurn = responseStarted ? !downstream.writable() : upstream == null || upstream.writable();
        reject(
                clientsTurn
                        ? new Rejection.ClientFailed(Reason.CLIENT_TIMEOUT, "body: no progress in time")
                        : new Rejection.UpstreamFailed(Reason.UPSTREAM_TIMEOUT, "body: no progress in time"));
    }
}
