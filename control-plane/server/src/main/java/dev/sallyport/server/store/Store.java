package dev.sallyport.server.store;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.HandleCallback;
import org.jdbi.v3.core.Jdbi;
import org.jdbi.v3.core.JdbiException;
import org.sqlite.SQLiteConfig;
import org.sqlite.SQLiteDataSource;

/**
 * The SQLite file. All SQL runs on one platform thread with one connection: JNI would pin the carriers of virtual threads, and one writer never waits for another. Callers block;
 * at most {@value #WAITING_MAX} wait. Durable when a call returns: write-ahead log, {@code synchronous=FULL}.
 */
public final class Store implements AutoCloseable {
    private static final int WAITING_MAX = 1024;
    private static final Duration CLOSE_WITHIN = Duration.ofSeconds(10);

    private final ThreadPoolExecutor thread;
    private final Connection connection;
    private final Handle handle;
    private final StoreStats stats = new StoreStats();

    private Store(ThreadPoolExecutor thread, Connection connection, Handle handle) {
        this.thread = thread;
        this.connection = connection;
        this.handle = handle;
    }

    /** Opens or makes {@code folder/control-plane.db} and brings its schema up to date. The native library is unpacked into {@code folder/tmp}, never into a shared folder. */
    public static Store open(Path folder) throws IOException {
        Path unpacked = folder.resolve("tmp");
        PrivateFiles.folder(unpacked);
        System.setProperty("org.sqlite.tmpdir", unpacked.toString());
        Path file = folder.resolve("control-plane.db");
        PrivateFiles.touch(file); // SQLite gives its log and index the mode of this file.
        ThreadPoolExecutor thread = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new ArrayBlockingQueue<>(WAITING_MAX),
                task -> Thread.ofPlatform().daemon().name("store").unstarted(task));
        try {
            return on(thread, () -> connect(thread, file));
        } catch (SQLException | FlywayException e) {
            thread.shutdownNow();
            throw new IOException(
                    "store: " + file + " (expected: a SQLite file of this product): " + e.getMessage(), e);
        }
    }

    private static Store connect(ThreadPoolExecutor thread, Path file) throws SQLException {
        SQLiteConfig config = new SQLiteConfig();
        config.setJournalMode(SQLiteConfig.JournalMode.WAL);
        config.setSynchronous(SQLiteConfig.SynchronousMode.FULL);
        config.setTransactionMode(SQLiteConfig.TransactionMode.IMMEDIATE);
        config.enforceForeignKeys(true);
        SQLiteDataSource source = new SQLiteDataSource(config);
        source.setUrl("jdbc:sqlite:" + file);
        Flyway.configure()
                .dataSource(source)
                .locations("classpath:db/migration")
                .load()
                .migrate();
        Connection connection = source.getConnection();
        return new Store(thread, connection, Jdbi.create(connection).open());
    }

    /** Runs {@code work} outside any transaction. */
    public <T, X extends Exception> T read(HandleCallback<T, X> work) throws X {
        return counted(() -> work.withHandle(handle));
    }

    /** Runs {@code work} in a transaction of its own ({@code BEGIN IMMEDIATE}): all of it counts, or, when it throws, nothing. */
    public <T, X extends Exception> T change(HandleCallback<T, X> work) throws X {
        return counted(() -> handle.inTransaction(work));
    }

    /** What callers have met since the start. */
    public StoreStats stats() {
        return stats;
    }

    /** Calls that wait for the thread now; at most {@value #WAITING_MAX}. */
    public int waiting() {
        return thread.getQueue().size();
    }

    private <T, X extends Exception> T counted(Work<T, X> work) throws X {
        long began = System.nanoTime();
        try {
            return on(thread, work);
        } catch (StoreUnavailableException | JdbiException e) {
            stats.failed();
            throw e;
        } finally {
            stats.ended(System.nanoTime() - began);
        }
    }

    private interface Work<T, X extends Exception> {
        T run() throws X;
    }

    private static <T, X extends Exception> T on(ThreadPoolExecutor thread, Work<T, X> work) throws X {
        FutureTask<T> task = new FutureTask<>(work::run);
        try {
            thread.execute(task);
            return task.get();
        } catch (RejectedExecutionException e) {
            throw new StoreUnavailableException("store: more than " + WAITING_MAX + " calls wait, or it is closed", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoreUnavailableException("store: interrupted while waiting", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof Error error) {
                throw error;
            }
            @SuppressWarnings("unchecked") // Work throws X or something unchecked, and nothing else.
            X cause = (X) e.getCause();
            throw cause;
        }
    }

    /** Lets what has begun end, folds the write-ahead log into the file, closes. */
    @Override
    public void close() {
        try {
            FutureTask<Void> last = new FutureTask<>(() -> {
                handle.close();
                connection.close();
                return null;
            });
            thread.execute(last);
            thread.shutdown();
            last.get(CLOSE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | java.util.concurrent.TimeoutException | RejectedExecutionException e) {
            // Every change was durable when its call returned: nothing is lost by leaving.
            thread.shutdownNow();
        }
    }
}
