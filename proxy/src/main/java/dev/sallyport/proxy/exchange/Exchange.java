package dev.sallyport.proxy.exchange;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.http.ResponseHead;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.telemetry.Span;
import dev.sallyport.proxy.tls.Peer;
import dev.sallyport.proxy.upstream.UpstreamConnection;
import dev.sallyport.proxy.upstream.UpstreamFailure;
import dev.sallyport.proxy.upstream.UpstreamListener;
import io.netty.buffer.ByteBuf;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request on one downstream connection, on that connection's event loop from its head to its record.
 *
 * <pre>
 *            │ what happens                                  │ goes to
 * DECIDING   │ forward                                       │ CONNECTING
 *            │ await: an answer is asked for                 │ DECIDING, or FINISHING with its reason when it is late
 *            │ reject                                        │ FINISHING
 *            │ client gone; cut by a drain                   │ ENDED (client_closed, draining)
 * CONNECTING │ connected                                     │ RELAYING
 *            │ unavailable; no connection in time            │ FINISHING (upstream_*, overloaded)
 *            │ client gone; cut by a drain                   │ ENDED
 * RELAYING   │ last byte of the response                     │ FINISHING
 *            │ upstream failed, provably unread              │ CONNECTING, at most twice
 *            │ upstream failed or silent, no response yet    │ FINISHING (upstream_*)
 *            │ the same within the response                  │ ENDED, the connection is cut: what is truncated must not look whole
 *            │ body malformed, too large or too slow         │ FINISHING, or ENDED and cut where a response had begun
 *            │ client gone; cut by a drain                   │ ENDED
 * FINISHING  │ flushed                                       │ ENDED
 *            │ client does not read, or is gone              │ ENDED
 * </pre>
 *
 * While DECIDING awaits, a deadline runs, and an answer that finds another state is dropped, so that nothing is forwarded for an exchange that has ended. Whoever is full is not written to: each side reads on only
 * while the other takes it, so that a connection holds at most one read and one write buffer. ENDED is entered exactly once, and entering it writes the record.
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
    /** Behind the head of a response: a body as small as that is copied there, which costs less than to send two buffers. */
    private static final int BODY_ROOM_BYTES = 4096;
    /** A path that matched no template may hold what nobody allowed to be kept. */
    private static final List<String> PATH_LEFT_OUT = List.of(AuditFields.PATH);

    private final Worker worker;
    private final ExchangeHandler downstream;
    private final RequestHead head;
    private final AuditRecord record;
    /** Read before anything rewrites the head. */
    private final boolean clientKeepsAlive;

    private @Nullable Replay replay;
    private final Outcome outcome;
    private final Patience waits;

    private State state = State.DECIDING;
    private int awaited;
    private boolean held;
    private @Nullable Passage passage;
    private @Nullable UpstreamConnection upstream;
    private @Nullable ResponseRelay response;
    private boolean requestComplete;
    private boolean responseStarted;
    private boolean keepAlive;
    private int interims;
    private @Nullable Runnable atEnd;
    private Span span = Span.NONE;

    Exchange(Worker worker, ExchangeHandler downstream, RequestHead head, AuditRecord record, boolean bodiless) {
        this.worker = worker;
        this.downstream = downstream;
        this.head = head;
        this.record = record;
        this.clientKeepsAlive = head.keepsAlive();
        this.requestComplete = bodiless;
        this.outcome = downstream.outcome(record);
        this.waits = downstream.patience();
    }

    /** As it arrived, strict but unjudged. Until the exchange ends: then another request's bytes may stand there. */
    public RequestHead head() {
        if (state == State.ENDED) {
            throw new IllegalStateException("the exchange has ended");
        }
        return head;
    }

    /** Filled on the way; written once at the end. */
    public AuditRecord record() {
        return record;
    }

    public Worker worker() {
        return worker;
    }

    /** Its place in a trace, once that is known; {@link Span#NONE} where nobody is told of it. */
    public Span span() {
        return span;
    }

    public void span(Span own) {
        span = own;
    }

    /** Whether a response is on its way to the client. */
    boolean answering() {
        return responseStarted;
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
        waits.forAnswer(atMost, late);
        return answer -> {
            if (state == State.DECIDING && ticket == awaited) {
                awaited++;
                waits.forNothing();
                downstream.guarded(this, then, answer);
            }
        };
    }

    /** Before {@link #forward}: nothing of the response reaches the client until the returned call-back hears true, on this loop; false ends the exchange as {@code otherwise}. */
    public Consumer<Boolean> holdResponse(Rejection otherwise) {
        held = true;
        return mayPass -> {
            if (!mayPass) {
                reject(otherwise);
            } else if (held) {
                held = false;
                resumeResponse();
            }
        };
    }

    /** Sends the request, as its head has become, where {@code right} leads, and relays the answer. Once, only for what was admitted, and not after the end. */
    public void forward(Passage right) {
        if (state != State.DECIDING) {
            return;
        }
        passage = right;
        outcome.forwarded();
        connect(right, false);
    }

    /** Runs once, on this loop, when the exchange has ended; once an exchange, and before its end. */
    public void whenEnded(Runnable task) {
        atEnd = task;
    }

    private void connect(Passage right, boolean fresh) {
        state = State.CONNECTING;
        waits.forConnection();
        worker.pool().acquire(right.to(), fresh, this);
    }

    // ---- the request's body ----

    /** Whether the next piece of the body can go on now; until then it stays where it is. */
    boolean takesBody() {
        return state == State.FINISHING
                || state == State.ENDED
                || (state == State.RELAYING && (upstream == null || upstream.writable()));
    }

    /** Takes {@code piece} over. */
    void requestBody(@Nullable ByteBuf piece, boolean last) {
        requestComplete = last;
        UpstreamConnection connection = upstream;
        if (state == State.RELAYING && connection != null) {
            if (piece != null) {
                if (!responseStarted
                        && connection.peer().isPresent()) { // In the clear nobody can prove that it read nothing.
                    replay().keep(piece);
                }
                connection.write(piece);
            }
            awaitProgress();
        } else if (piece != null) {
            piece.release();
        }
    }

    void requestReadComplete() {
        if (upstream != null) {
            upstream.flush();
        }
    }

    @Override
    public void upstreamWritable() {
        downstream.resumeBody();
        awaitProgress();
    }

    // ---- the upstream ----

    @Override
    public boolean wanted() {
        return state == State.CONNECTING;
    }

    @Override
    public void connected(UpstreamConnection connection) {
        if (state != State.CONNECTING) {
            connection.release();
            return;
        }
        state = State.RELAYING;
        upstream = connection;
        recordUpstream(connection);
        connection.begin(head);
        if (replay != null) {
            replay.writeTo(connection);
        }
        awaitProgress();
        downstream.resumeBody();
    }

    private void recordUpstream(UpstreamConnection connection) {
        record.upstreamAddress = connection.address();
        record.upstreamId = connection.peerId();
        if (connection.peer().isPresent()) {
            Peer server = connection.peer().get();
            record.upstreamSerial = server.serial();
            record.upstreamFingerprint = server.fingerprint();
            record.tlsVersion = server.tls().version();
            record.tlsCipher = server.tls().cipher();
            record.tlsCurve = server.tls().group();
        }
    }

    @Override
    public void unavailable(UpstreamFailure failure) {
        debug(failure);
        reject(new Rejection.UpstreamFailed(failure.reason(), failure.detail()));
    }

    @Override
    public void failed(UpstreamFailure failure) {
        debug(failure);
        boolean reused = upstream != null && upstream.reused();
        Passage right = passage;
        upstream = null;
        if (state == State.RELAYING && right != null && !responseStarted && replay().mayRepeat(failure, reused, head)) {
            worker.metrics().retried();
            recordAttempt(failure);
            connect(right, true);
        } else {
            reject(new Rejection.UpstreamFailed(failure.reason(), failure.detail()));
        }
    }

    private void debug(UpstreamFailure failure) {
        if (Log.debugs()) {
            Log.debug(
                    "upstream failed",
                    "decision",
                    record.id,
                    "upstream",
                    String.valueOf(record.upstreamAddress),
                    "reason",
                    failure.reason().code(),
                    "detail",
                    failure.detail());
        }
    }

    private void recordAttempt(UpstreamFailure failure) {
        List<String> before = record.attempts;
        List<String> tried = before == null ? new ArrayList<>(2) : new ArrayList<>(before);
        tried.add(record.upstreamAddress + " " + failure.reason().code());
        record.attempts = tried;
        record.resends = replay().repeats();
    }

    @Override
    public boolean takesResponse() {
        return !held && downstream.writable();
    }

    @Override
    public boolean knowsChunks() {
        return !head.isHttp10();
    }

    @Override
    public void responseHead(ResponseHead answer) {
        if (passage == null) {
            throw new IllegalStateException("a response to nothing");
        }
        answer.dropHopByHop();
        passage.answered(answer);
        if (answer.informational()) {
            interim(answer);
            return;
        }
        responseStarted = true;
        outcome.answered();
        forgetBody();
        record.status = answer.status();
        ResponseRelay relay = ResponseRelay.of(answer, head);
        response = relay;
        keepAlive = relay.delimited() && clientKeepsAlive && downstream.keepsAlive(this);
        relay.sayConnection(answer, head, keepAlive);
        downstream.writeWithRoom(answer.encode(downstream.alloc(), BODY_ROOM_BYTES));
        awaitProgress();
    }

    private void interim(ResponseHead answer) {
        if (++interims > INTERIM_MAX) {
            reject(new Rejection.UpstreamFailed(
                    Reason.UPSTREAM_PROTOCOL, "response: more than " + INTERIM_MAX + " interim ones"));
        } else if (!head.isHttp10()) {
            downstream.restartPace(); // The client has waited for it, and not we for the client.
            downstream.write(answer.encode(downstream.alloc(), 0));
        }
    }

    @Override
    public void responseBody(@Nullable ByteBuf piece, long dataBytes, boolean last) {
        record.responseBytes = dataBytes;
        ByteBuf framed = response == null ? piece : response.frame(piece, last, downstream.alloc());
        if (last) {
            outcome.answered();
            letGo(requestComplete && !bodyUnexpected());
            finish(framed);
        } else {
            if (framed != null) {
                downstream.write(framed);
            }
            awaitProgress();
        }
    }

    /** An application may not read a body that nobody expects, and take it for the next request of the connection: there is none. */
    private boolean bodyUnexpected() {
        return !head.bodiless() && (head.is("GET") || head.is("HEAD") || head.is("OPTIONS"));
    }

    @Override
    public void responseReadComplete() {
        downstream.flush();
    }

    void downstreamWritable() {
        resumeResponse();
        awaitProgress();
    }

    private void resumeResponse() {
        if (upstream != null) {
            upstream.resume();
        }
    }

    // ---- its end ----

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
        responseStarted = true;
        keepAlive = clientKeepsAlive
                && !head.isHttp10() // Would have to be told, and waits for the end of the connection otherwise.
                && downstream.keepsAlive(this)
                && !(why instanceof Rejection.Malformed)
                && !(why instanceof Rejection.ClientFailed);
        ProblemResponse problem = ProblemResponse.of(why, record.id, keepAlive);
        record.status = problem.status();
        record.responseBytes = problem.body().length();
        try {
            finish(problem.encode(downstream.alloc(), head.is("HEAD")));
        } catch (OutOfMemoryError e) { // No room even for this: whoever waits for it must not wait for ever.
            downstream.cut();
            end();
        }
    }

    private void finish(@Nullable ByteBuf last) {
        state = State.FINISHING;
        if (downstream.writeLast(last)) {
            end();
            return;
        }
        waits.forTheClientToRead(() -> {
            outcome.gaveUp(new Rejection.ClientFailed(Reason.CLIENT_TIMEOUT, "response not read"));
            downstream.cut();
            end();
        });
        downstream.whenWritten(this::end, this::clientClosed);
    }

    /** The downstream connection is gone. */
    void clientClosed() {
        giveUp(new Rejection.ClientFailed(Reason.CLIENT_CLOSED, "client closed the connection"));
    }

    /** The sidecar stops, or the connection may not live longer. */
    void abandoned(String detail) {
        giveUp(
                passage == null
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

    private Replay replay() {
        Replay known = replay;
        if (known == null) {
            known = new Replay(worker.limits().replayBytes());
            replay = known;
        }
        return known;
    }

    private void forgetBody() {
        if (replay != null) {
            replay.forget();
        }
    }

    private void letGo(boolean reusable) {
        UpstreamConnection connection = upstream;
        upstream = null;
        forgetBody();
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
        if (atEnd != null) {
            atEnd.run(); // First: whoever hears of the end may rely on it that nothing goes on by this request.
        }
        record.requestBytes = downstream.requestBytes();
        Reason reason = outcome.end(responseStarted);
        if (record.path == null && record.redacted == null && record.method != null) {
            record.redacted = PATH_LEFT_OUT;
        }
        if (passage == null && record.phase == null) {
            worker.appendRefused(record);
        } else {
            worker.append(record);
        }
        worker.observer().ended(record, reason, head, span);
        if (reason != Reason.ALLOWED && Log.debugs()) { // Not the detail: it may quote what the client sent.
            Log.debug(
                    "request not served",
                    "decision",
                    record.id,
                    "reason",
                    reason.code(),
                    "status",
                    record.status,
                    "route",
                    String.valueOf(record.route),
                    "caller",
                    String.valueOf(record.callerId));
        }
        downstream.exchangeEnded(this, keepAlive);
    }

    /** A body that flows for long must not be on record only at its end, which may be that of the sidecar. */
    void recordInterval(long nanos) {
        if (state == State.RELAYING
                && outcome.intervalDue(nanos, worker.limits().auditInterval())) {
            record.requestBytes = downstream.requestBytes();
            worker.interval(record);
        }
    }

    /** Sets the clock for whatever has to happen next. */
    private void awaitProgress() {
        if (state == State.RELAYING && requestComplete && !responseStarted) {
            waits.forResponseHead();
        } else if (state == State.RELAYING) {
            waits.forBodies();
        }
    }

    /** Of two bodies that do not move, whether the client is the one who could. */
    boolean clientsTurn() {
        return responseStarted ? !downstream.writable() : upstream == null || upstream.writable();
    }
}
