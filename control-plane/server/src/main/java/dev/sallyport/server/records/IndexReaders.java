package dev.sallyport.server.records;

import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** The connections that search, each with a platform thread: what runs in SQLite would pin the carrier of a virtual one. Callers block; at most {@value #WAITING_MAX} wait. */
final class IndexReaders implements AutoCloseable {
    private static final int READERS = 2;
    private static final int WAITING_MAX = 64;
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

    private record Reader(Connection connection, Pages pages, Rows rows) {}

    private final BlockingQueue<Reader> idle = new ArrayBlockingQueue<>(READERS);
    private final ThreadPoolExecutor threads;

    IndexReaders(IndexFile file, Words words) throws SQLException {
        for (int i = 0; i < READERS; i++) {
            Connection connection = file.open();
            idle.add(new Reader(connection, new Pages(connection), new Rows(connection, words)));
        }
        threads = new ThreadPoolExecutor(
                READERS,
                READERS,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_MAX),
                task -> Thread.ofPlatform().daemon().name("records-search").unstarted(task));
    }

    /** {@code within}: of the search, from its turn on. IOException: the index cannot be read, or too many wait. */
    Page search(RecordQuery query, List<Block> blocks, Duration within) throws IOException {
        FutureTask<Page> task = new FutureTask<>(() -> {
            Reader reader = idle.take(); // There are as many as threads.
            try {
                return new Search(query, reader.pages, reader.rows, System.nanoTime() + within.toNanos()).in(blocks);
            } finally {
                idle.add(reader);
            }
        });
        try {
            threads.execute(task);
            return task.get();
        } catch (RejectedExecutionException e) {
            throw new IOException(
                    "the index of records: more than " + WAITING_MAX + " searches wait, or it is closed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("the index of records: interrupted while searching", e);
        } catch (ExecutionException e) {
            throw new IOException("the index of records: " + e.getCause(), e);
        }
    }

    /** Lets what has begun end. */
    @Override
    public void close() throws SQLException {
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                return; // Every search has a deadline: this one is stuck in the disk, and its connection with it.
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<Reader> all = new ArrayList<>();
        idle.drainTo(all);
        for (Reader reader : all) {
            reader.connection.close();
        }
    }
}
