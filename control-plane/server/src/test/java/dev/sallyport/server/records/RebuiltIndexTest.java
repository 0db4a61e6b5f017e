package dev.sallyport.server.records;

import static dev.sallyport.server.records.MadeLog.having;
import static dev.sallyport.server.records.MadeLog.indexes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.RecordField;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The index is never the truth: what happens to it is made good out of the log. */
class RebuiltIndexTest {
    private static final int RECORDS = 2 * Block.SIZE + 100;

    @TempDir
    Path folder;

    private final MadeLog log = new MadeLog();

    private Path file() {
        return folder.resolve("records.db");
    }

    private void filled() throws IOException {
        IntStream.range(0, RECORDS).forEach(i -> log.request(i, Map.of(AuditFields.METHOD, "M" + i % 1_000)));
        try (RecordIndex index = RecordIndex.open(file())) {
            log.into(index);
        }
    }

    private void assertWhole() throws IOException {
        try (RecordIndex index = RecordIndex.open(file())) {
            log.into(index);
            assertThat(index.next()).isEqualTo(log.size());
            assertThat(indexes(index, having(RecordField.METHOD, "M7")))
                    .hasSize((RECORDS - 8) / 1_000 + 1)
                    .contains(7L);
            assertThat(indexes(index, having(RecordField.METHOD, "M1000"))).isEmpty();
        }
    }

    @Test
    void goesOnWhereItEnded() throws IOException {
        filled();
        log.request(1, Map.of(AuditFields.METHOD, "LATER"));
        assertWhole();
        try (RecordIndex index = RecordIndex.open(file())) {
            assertThat(indexes(index, having(RecordField.METHOD, "LATER"))).containsExactly((long) RECORDS);
        }
    }

    @Test
    void fileThatIsNoIndexIsMadeAnew() throws IOException {
        filled();
        Files.writeString(file(), "not a database, but long enough to be taken for one ".repeat(100));
        assertWhole();
    }

    @Test
    void olderVersionIsMadeAnew() throws Exception {
        filled();
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = connection.createStatement()) {
            statement.execute("pragma user_version = 0");
            statement.execute("delete from record");
        }
        assertWhole();
    }

    @Test
    void indexOfAnotherLogIsMadeAnew() throws IOException {
        filled();
        log.entries.replaceAll(entry -> new String(entry, java.nio.charset.StandardCharsets.UTF_8)
                .replace("inbound", "outbound")
                .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        assertWhole();
        try (RecordIndex index = RecordIndex.open(file())) {
            assertThat(indexes(index, having(RecordField.DIRECTION, "inbound"))).isEmpty();
        }
    }

    @Test
    void indexThatIsAheadOfItsLogIsMadeAnew() throws IOException {
        filled();
        log.entries.subList(Block.SIZE, RECORDS).clear();
        try (RecordIndex index = RecordIndex.open(file())) {
            log.into(index);
            assertThat(index.next()).isEqualTo(Block.SIZE);
            assertThat(indexes(index, RecordQuery.ALL.after(Block.SIZE - 1))).isEmpty();
        }
    }

    /** Noticed by the next that is added, if not before. */
    @Test
    void damagedPagesAreMadeAnew() throws IOException {
        filled();
        try (RandomAccessFile bytes = new RandomAccessFile(file().toFile(), "rw")) {
            for (long at = 4096; at < bytes.length(); at += 4096) {
                bytes.seek(at);
                bytes.write(new byte[200]);
            }
        }
        log.request(1, Map.of(AuditFields.METHOD, "LATER"));
        assertWhole();
    }

    @Test
    void prunedEntriesAreNotAskedFor() throws IOException {
        IntStream.range(0, 100).forEach(i -> log.request(i, Map.of(AuditFields.METHOD, "GET")));
        log.first = 60;
        try (RecordIndex index = RecordIndex.open(file())) {
            log.into(index);
            assertThat(indexes(index, RecordQuery.ALL)).hasSize(40);
        }
    }

    @Test
    void prunedEntriesAreForgotten() throws IOException {
        filled();
        log.first = Block.SIZE + 50;
        try (RecordIndex index = RecordIndex.open(file())) {
            log.into(index);
            assertThat(indexes(index, RecordQuery.ALL.before(Block.SIZE + 60))).hasSize(10);
            assertThat(indexes(index, having(RecordField.METHOD, "M7")))
                    .doesNotContain(7L)
                    .isNotEmpty();
        }
        try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
                Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery("select min(leaf) from record")) {
            assertThat(rows.getLong(1)).isEqualTo(log.first);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void logThatCannotBeReadNowIsReadLater() throws IOException {
        log.request(0, Map.of());
        log.failure = Optional.of(new IOException("the disk is away"));
        try (RecordIndex index = RecordIndex.open(file())) {
            assertThatThrownBy(() -> log.into(index)).hasMessageContaining("the disk is away");
            try (RecordFollower follower = new RecordFollower(index, log)) {
                follower.start();
                log.failure = Optional.empty();
                follower.wake();
                Awaitility.await().atMost(Duration.ofSeconds(10)).until(() -> index.next() == 1);
            }
            assertThat(indexes(index, RecordQuery.ALL)).hasSize(1);
        }
    }
}
