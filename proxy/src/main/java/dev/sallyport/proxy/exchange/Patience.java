package dev.sallyport.proxy.exchange;

import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.Limits;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/** What an exchange waits for, one thing at a time on its connection's one clock, and what it ends as when that does not come. Event loop only. */
final class Patience {
    private final Deadline deadline;
    private final Limits limits;
    private final Duration connection;
    private final Consumer<Rejection> late;
    private final Runnable noConnection;
    private final Runnable noHead;
    private final Runnable noProgress;

    /** {@code clientsTurn}: of two bodies that do not move, whether the client is the one who could. */
    Patience(Deadline deadline, Limits limits, BooleanSupplier clientsTurn, Consumer<Rejection> late) {
        this.deadline = deadline;
        this.limits = limits;
        this.connection = limits.connect().plus(limits.handshake());
        this.late = late;
        this.noConnection = () -> upstream("no connection in time");
        this.noHead = () -> upstream("no response head in time");
        this.noProgress = () -> {
            if (clientsTurn.getAsBoolean()) {
                late.accept(new Rejection.ClientFailed(Reason.CLIENT_TIMEOUT, "body: no progress in time"));
            } else {
                upstream("body: no progress in time");
            }
        };
    }

    private void upstream(String detail) {
        late.accept(new Rejection.UpstreamFailed(Reason.UPSTREAM_TIMEOUT, detail));
    }

    void forAnswer(Duration atMost, Rejection without) {
        deadline.set(atMost, () -> late.accept(without));
    }

    void forConnection() {
        deadline.set(connection, noConnection);
    }

    void forResponseHead() {
        deadline.set(limits.responseHead(), noHead);
    }

    void forBodies() {
        deadline.set(limits.bodyProgress(), noProgress);
    }

    void forTheClientToRead(Runnable otherwise) {
        deadline.set(limits.bodyProgress(), otherwise);
    }

    void forNothing() {
        deadline.clear();
    }
}
