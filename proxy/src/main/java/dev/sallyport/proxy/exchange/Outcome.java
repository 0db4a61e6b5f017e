package dev.sallyport.proxy.exchange;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.AuditRecord.Verdict;
import dev.sallyport.policy.Decision;
import dev.sallyport.policy.Reason;
import java.time.Duration;
import java.util.Optional;

/** What an exchange comes to, until it is on record: when what happened, and why it got no answer of its upstream, if it got none. Of one exchange of a connection after another; event loop only. */
final class Outcome {
    private AuditRecord record;
    private long startedAt = System.nanoTime();
    private long forwardedAt = startedAt;
    private long answeredAt;
    private long recordedAt = startedAt;
    private Optional<Rejection> rejection = Optional.empty();

    Outcome(AuditRecord record) {
        this.record = record;
    }

    /** The next exchange, which fills {@code next}. */
    Outcome of(AuditRecord next) {
        record = next;
        startedAt = System.nanoTime();
        forwardedAt = startedAt;
        recordedAt = startedAt;
        answeredAt = 0;
        rejection = Optional.empty();
        return this;
    }

    /** The request was handed on. */
    void forwarded() {
        forwardedAt = System.nanoTime();
        record.verdict = Verdict.ALLOW;
    }

    /** The upstream's head, or its last byte. */
    void answered() {
        answeredAt = System.nanoTime();
    }

    /** Whether it has lasted {@code interval} since it was last on record, or since it began; then the record has its duration so far, and the next interval begins. {@code now}: {@link System#nanoTime}. */
    boolean intervalDue(long now, Duration interval) {
        if (now - recordedAt < interval.toNanos()) {
            return false;
        }
        recordedAt = now;
        record.durationMicros = (now - startedAt) / 1000;
        record.reason = Reason.ALLOWED.code();
        return true;
    }

    void rejected(Rejection why) {
        rejection = Optional.of(why);
    }

    /** A rejection that was being sent stays the reason. */
    void gaveUp(Rejection why) {
        rejection = rejection.or(() -> Optional.of(why));
    }

    /** Completes the record; a decision that stands stays as it was recorded. {@code responseStarted}: the client has a status already. */
    Reason end(boolean responseStarted) {
        long now = System.nanoTime();
        record.durationMicros = (now - startedAt) / 1000;
        record.processingMicros = (forwardedAt - startedAt + (answeredAt == 0 ? 0 : now - answeredAt)) / 1000;
        if (rejection.isEmpty()) {
            record.reason = Reason.ALLOWED.code();
            return Reason.ALLOWED;
        }
        return refused(rejection.get(), responseStarted);
    }

    private Reason refused(Rejection why, boolean responseStarted) {
        Reason reason = why.reason();
        record.reason = reason.code();
        record.verdict = why.verdict();
        record.detail = why.detail().isEmpty() ? null : why.detail();
        if (!responseStarted) {
            record.status = reason.status();
        }
        if (why instanceof Rejection.Denied(Decision.Deny deny)) {
            record.nearestRule = deny.nearest().map(Object::toString).orElse(null);
            record.guardrail = deny.guardrail().map(Object::toString).orElse(null);
        }
        return reason;
    }
}
