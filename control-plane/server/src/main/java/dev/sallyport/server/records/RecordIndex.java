package dev.sallyport.server.records;

import dev.sallyport.audit.RecordField;
import dev.sallyport.server.records.IndexWriter.Line;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The index of records: one thread adds, any thread searches and blocks. Everything in it can be made again out of the log. */
public final class RecordIndex implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RecordIndex.class);
    /** 100 million records, about 12 GB; older ones are found in the log alone. */
    private static final int BLOCKS_MAX = 6_104;

    /** Of a search: then it answers with what it has. */
    private static final Duration SEARCH_WITHIN = Duration.ofSeconds(2);
    /** Records of one id: an intent and its outcome; whoever repeats an id gets no more. */
    private static final int OF_ONE_ID_MAX = 100;

    /** Result codes of SQLite that say nothing about the file: BUSY, READONLY, IOERR, FULL, CANTOPEN. */
    private static final Set<Integer> OF_THE_DISK = Set.of(5, 8, 10, 13, 14);

    private final IndexFile file;
    private final int blocksMax;
    // Replaced by the thread that adds.
    private volatile Opened opened;

    private record Opened(IndexWriter writer, IndexReaders readers) implements AutoCloseable {
        @Override
        public void close() throws SQLException {
            readers.close();
            writer.close();
        }
    }

    private RecordIndex(IndexFile file, int blocksMax) throws IOException {
        this.file = file;
        this.blocksMax = blocksMax;
        this.opened = opened(file, blocksMax);
    }

    /** Opens the index in that file, or begins an empty one where there is none that this version can read. */
    public static RecordIndex open(Path file) throws IOException {
        return open(file, BLOCKS_MAX);
    }

    static RecordIndex open(Path file, int blocksMax) throws IOException {
        return new RecordIndex(new IndexFile(file), blocksMax);
    }

    private static Opened opened(IndexFile file, int blocksMax) throws IOException {
        file.prepare();
        try {
            return connected(file, blocksMax);
        } catch (SQLException damaged) {
            file.remove();
            file.prepare();
        }
        try {
            return connected(file, blocksMax);
        } catch (SQLException e) {
            throw new IOException(file.file() + ": the index of records cannot be made: " + e.getMessage(), e);
        }
    }

    private static Opened connected(IndexFile file, int blocksMax) throws SQLException {
        Connection connection = file.open();
        try {
            IndexWriter writer = new IndexWriter(connection, blocksMax);
            return new Opened(writer, new IndexReaders(file, writer.words()));
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** Throws everything away and begins anew. The thread that adds. */
    void restart() throws IOException {
        leave();
        file.remove();
        opened = opened(file, blocksMax);
    }

    /** After {@code e} of {@link #add}: goes on with what is in the file, or begins anew where it is damaged. The thread that adds. IOException: the disk is full or fails, later may be better. */
    void recover(SQLException e) throws IOException {
        if (OF_THE_DISK.contains(e.getErrorCode() & 0xff)) {
            leave();
            opened = opened(file, blocksMax);
            throw new IOException(file.file() + ": " + e.getMessage(), e);
        }
        log.error("the index of records is damaged; it is made anew out of the log: {}", e.toString());
        restart();
    }

    private void leave() {
        try {
            opened.close();
        } catch (SQLException e) {
            // What is left behind may be broken.
        }
    }

    /** The thread that adds. SQLException: {@link #recover} from it. */
    void add(List<Line> lines, long end, String hash) throws SQLException {
        opened.writer.add(lines, end, hash);
    }

    /** Nothing before {@code first} is found any more. As {@link #add}. */
    void forget(long first) throws SQLException {
        opened.writer.forget(first);
    }

    /** How many entries of the log are in it: everything before this index. */
    public long next() {
        return opened.writer.next();
    }

    /** Of the entry before {@link #next}. */
    String hash() {
        return opened.writer.hash();
    }

    /** Blocks until there is an answer, for little more than two seconds. IOException: too many wait, or it cannot be read and is being made anew. */
    public Page search(RecordQuery query) throws IOException {
        return search(query, SEARCH_WITHIN);
    }

    Page search(RecordQuery query, Duration within) throws IOException {
        Opened now = opened;
        return now.readers.search(query, now.writer.blocks(), within);
    }

    /** Every record with this id, the newest first. */
    public List<Found> find(String id) throws IOException {
        return search(RecordQuery.ALL.with(RecordField.ID, Set.of(id)).limit(OF_ONE_ID_MAX))
                .records();
    }

    /** On disk. */
    public long bytes() {
        return file.bytes();
    }

    @Override
    public void close() throws IOException {
        try {
            opened.close();
        } catch (SQLException e) {
            throw new IOException("the index of records: " + e.getMessage(), e);
        }
    }
}
