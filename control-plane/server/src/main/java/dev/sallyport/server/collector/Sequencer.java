package dev.sallyport.server.collector;

import dev.sallyport.server.collector.BatchRefusedException.Reason;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one thread that decides, numbers and makes durable: it takes all that wait, writes them to the journal with one force, and answers them. Callers wait on threads of their own,
 * bounded in number and bytes.
 */
final class Sequencer implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Sequencer.class);
    private static final int WAITING_MAX = 256;
    private static final long WAITING_BYTES_MAX = 32L * 1024 * 1024;
    /** Of one force. */
    private static final long GROUP_BYTES_MAX = 8L * 1024 * 1024;
    /** A disk that takes longer is one that hangs: the sidecar is told to come again, and what it sent may be there. */
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);

    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

    /** What waits: a batch, or a leaf of the collector's own. */
    private sealed interface Work {
        long bytes();

        CompletableFuture<?> done();

        record Batch(VerifiedBatch batch, long bytes, CompletableFuture<Answer> done) implements Work {}

        @SuppressWarnings("ArrayRecordComponent") // never compared, never shown
        record Leaf(byte[] leaf, CompletableFuture<Long> done) implements Work {
            @Override
            public long bytes() {
                return leaf.length;
            }
        }
    }

    private final BlockingQueue<Work> queue = new ArrayBlockingQueue<>(WAITING_MAX);
    private final AtomicLong waitingBytes = new AtomicLong();
    private final Intake intake;
    private final Journal journal;
    private final Pending pending;
    private final Thread thread;
    private volatile boolean closed;
    private volatile boolean failing;

    Sequencer(Intake intake, Journal journal, Pending pending) {
        this.intake = intake;
        this.journal = journal;
        this.pending = pending;
        this.thread = Thread.ofPlatform().daemon().name("audit-sequencer").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    /** Waits until the batch is durable, or not to be. */
    Answer take(VerifiedBatch batch) throws BatchRefusedException {
        CompletableFuture<Answer> done = new CompletableFuture<>();
        put(new Work.Batch(batch, batch.bytes(), done));
        return await(done);
    }

    /** Waits until the leaf is durable; its index. */
    long record(byte[] leaf) throws BatchRefusedException {
        CompletableFuture<Long> done = new CompletableFuture<>();
        put(new Work.Leaf(leaf, done));
        return await(done);
    }

    /** Whether the last write to the journal failed. */
    boolean failing() {
        return failing;
    }

    private void put(Work work) throws BatchRefusedException {
        if (pending.isFull()) {
            throw busy("what was taken is not in the log yet");
        }
        boolean room = waitingBytes.addAndGet(work.bytes()) <= WAITING_BYTES_MAX;
        if (!room || closed || !queue.offer(work)) {
            waitingBytes.addAndGet(-work.bytes());
            throw busy(
                    closed
                            ? "stopping"
                            : "more than " + WAITING_MAX + " batches or " + WAITING_BYTES_MAX + " bytes wait");
        }
    }

    private static BatchRefusedException busy(String why) {
        return new BatchRefusedException(Reason.BUSY, "collector: " + why);
    }

    private static <T> T await(CompletableFuture<T> done) throws BatchRefusedException {
        try {
            return done.get(ANSWER_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw busy("the disk did not answer within " + ANSWER_WITHIN.toSeconds() + " s");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy("stopping");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof BatchRefusedException refused) {
                throw refused;
            }
            throw new IllegalStateException(e.getCause());
        }
    }

    private void run() {
        while (!closed || !queue.isEmpty()) {
            try {
                Work first = queue.poll(100, TimeUnit.MILLISECONDS);
                if (first != null) {
                    process(group(first));
                }
            } catch (InterruptedException e) {
                closed = true;
            } catch (Error e) { // Short of memory, for one: those who wait hear nothing, the next ones shall.
                log.error("collector: a group of batches failed", e);
            }
        }
    }

    private List<Work> group(Work first) {
        List<Work> group = new ArrayList<>();
        long bytes = 0;
        for (Work next = first; next != null; next = bytes < GROUP_BYTES_MAX ? queue.poll() : null) {
            group.add(next);
            bytes += next.bytes();
        }
        waitingBytes.addAndGet(-bytes);
        return group;
    }

    private void process(List<Work> works) {
        Intake.Group group = intake.group(journal.end());
        List<Runnable> answers = new ArrayList<>();
        for (Work work : works) {
            try {
                answers.add(decided(group, work));
            } catch (BatchRefusedException e) {
                work.done().completeExceptionally(e);
            } catch (RuntimeException e) {
                log.error("collector: a batch failed", e);
                work.done().completeExceptionally(busy("internal error; its log says more"));
            }
        }
        try {
            if (!group.frames().isEmpty()) {
                journal.append(group.frames());
                pending.add(group.frames());
            }
            group.commit();
            failing = false;
            answers.forEach(Runnable::run);
        } catch (IOException | RuntimeException e) {
            if (!failing) {
                log.error("collector: the journal cannot be written; sidecars keep their records until it can", e);
            }
            failing = true;
            works.forEach(work -> work.done().completeExceptionally(busy("its disk takes nothing now")));
        }
    }

    private static Runnable decided(Intake.Group group, Work work) throws BatchRefusedException {
        return switch (work) {
            case Work.Batch(VerifiedBatch batch, var _, var done) -> {
                Answer answer = group.add(batch);
                yield () -> done.complete(answer);
            }
            case Work.Leaf(byte[] leaf, var done) -> {
                long index = group.add(leaf);
                yield () -> done.complete(index);
            }
        };
    }

    /** What waits is still written and answered. */
    @Override
    public void close() {
        closed = true;
        try {
            thread.join(CLOSE_WITHIN);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        journal.close();
    }
}
