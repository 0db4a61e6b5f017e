package dev.sallyport.proxy.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sallyport.audit.AuditRecord;
import dev.sallyport.policy.Reason;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.http.RequestHead;
import dev.sallyport.proxy.telemetry.AccessMetrics;
import dev.sallyport.proxy.telemetry.Connections.Direction;
import dev.sallyport.proxy.telemetry.Observer;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import dev.sallyport.proxy.telemetry.Span;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever becomes of the sink, the log goes on or says how much it has not said. */
@Timeout(60)
class AccessLogLossTest {
    private static final Duration SOON = Duration.ofSeconds(10);

    private final AccessMetrics metrics = new ProxyMetrics().access();
    private final RequestHead head = new RequestHead(Limits.standard());
    private final Sink sink = new Sink();
    private final AccessLog log = new AccessLog(sink, metrics);
    private final Observer observer = log.on(Direction.INBOUND);

    private static final class Sink implements LineSink {
        private final AtomicInteger lines = new AtomicInteger();
        private final AtomicInteger attempts = new AtomicInteger();
        private volatile @Nullable Exception trouble;

        @Override
        public void ready(int bytes) throws IOException {
            attempts.incrementAndGet();
            switch (trouble) {
                case IOException e -> throw e;
                case RuntimeException e -> throw e;
                case null, default -> {}
            }
        }

        @Override
        public void write(ByteBuffer bytes) {
            while (bytes.hasRemaining()) {
                if (bytes.get() == '\n') {
                    lines.incrementAndGet();
                }
            }
        }

        @Override
        public void close() {}
    }

    @SuppressWarnings("NullAway") // The defect that a test needs.
    private void end(@Nullable Instant time) {
        AuditRecord record = new AuditRecord("ID", time, AuditRecord.Direction.INBOUND);
        observer.ended(record, Reason.NO_ROUTE, head, Span.NONE);
    }

    private void end() {
        end(Instant.parse("2026-11-26T10:00:00Z"));
    }

    @Test
    void defectOfTheSinkIsAFailureAndNotTheEnd() {
        sink.trouble = new IllegalStateException("broken on purpose");
        log.start();
        end();
        await().atMost(SOON).until(() -> sink.attempts.get() > 0);
        sink.trouble = null;
        await().atMost(SOON).until(() -> metrics.written.sum() == 1);
        end();
        log.close(SOON);
        assertThat(metrics.written.sum()).isEqualTo(2);
        assertThat(metrics.dropped.sum()).isZero();
        assertThat(sink.lines).hasValue(2);
    }

    @Test
    void lineThatCannotBeMadeIsCountedAndTheNextOnesAreWritten() {
        log.start();
        end(null);
        end();
        await().atMost(SOON).until(() -> metrics.written.sum() + metrics.dropped.sum() == 2);
        end();
        log.close(SOON);
        assertThat(metrics.written.sum() + metrics.dropped.sum()).isEqualTo(3);
        assertThat(metrics.dropped.sum()).isPositive(); // With it, what was in its batch.
        assertThat(metrics.written.sum()).isPositive();
    }

    @Test
    void linesThatAreLostAtTheEndAreCounted() {
        sink.trouble = new IOException("No space left on device");
        for (int i = 0; i < 700; i++) {
            end();
        }
        log.close(SOON);
        assertThat(metrics.dropped.sum()).isEqualTo(700);
        assertThat(metrics.written.sum()).isZero();
    }

    /** The twin. */
    @Test
    void whatIsWrittenAtTheEndIsNotCountedAsLost() {
        for (int i = 0; i < 700; i++) {
            end();
        }
        log.close(SOON);
        assertThat(metrics.dropped.sum()).isZero();
        assertThat(metrics.written.sum()).isEqualTo(700);
    }
}
