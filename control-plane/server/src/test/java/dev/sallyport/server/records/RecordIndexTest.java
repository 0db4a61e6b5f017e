package dev.sallyport.server.records;

import static dev.sallyport.server.records.MadeLog.NOON;
import static dev.sallyport.server.records.MadeLog.having;
import static dev.sallyport.server.records.MadeLog.indexes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.RecordField;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be found, and what cannot. */
class RecordIndexTest {
    @TempDir
    Path folder;

    private final MadeLog log = new MadeLog();
    private RecordIndex index;

    @BeforeEach
    void open() throws IOException {
        index = RecordIndex.open(file());
    }

    @AfterEach
    void close() throws IOException {
        index.close();
    }

    private Path file() {
        return folder.resolve("audit/records.db");
    }

    private void reopen() throws IOException {
        index.close();
        index = RecordIndex.open(file());
    }

    private void fill() throws IOException {
        log.request(
                        0,
                        Map.of(
                                AuditFields.ACTOR_ID,
                                "spiffe://a/front",
                                AuditFields.SERVICE,
                                "back",
                                AuditFields.DECISION,
                                "allow"))
                .request(
                        1,
                        Map.of(
                                AuditFields.ACTOR_ID,
                                "spiffe://a/front",
                                AuditFields.SERVICE,
                                "back",
                                AuditFields.DECISION,
                                "deny"))
                .request(
                        2,
                        Map.of(
                                AuditFields.ACTOR_ID,
                                "spiffe://a/spare",
                                AuditFields.SERVICE,
                                "back",
                                AuditFields.DECISION,
                                "deny"))
                .into(index);
    }

    @Test
    void recordsHaveEveryValueThatIsAskedFor() throws IOException {
        fill();
        assertThat(indexes(index, RecordQuery.ALL)).containsExactly(2L, 1L, 0L);
        assertThat(indexes(index, having(RecordField.DECISION, "deny"))).containsExactly(2L, 1L);
        assertThat(indexes(
                        index,
                        having(RecordField.DECISION, "deny")
                                .with(RecordField.CALLER, java.util.Set.of("spiffe://a/front"))))
                .containsExactly(1L);
        assertThat(indexes(index, having(RecordField.DECISION, "deny", "allow")))
                .hasSize(3);
        assertThat(indexes(
                        index,
                        having(RecordField.DECISION, "allow")
                                .with(RecordField.CALLER, java.util.Set.of("spiffe://a/spare"))))
                .isEmpty();
        assertThat(indexes(index, having(RecordField.DECISION, "DENY"))).isEmpty();
        assertThat(indexes(index, having(RecordField.CALLER, "deny"))).isEmpty();
    }

    @Test
    void everyFieldCanBeAskedForAndIsShown() throws IOException {
        Map<String, String> members = new HashMap<>();
        Map<RecordField, String> expected = new HashMap<>(Map.of(RecordField.EVENT, "request"));
        Map<RecordField, String> names = Map.ofEntries(
                Map.entry(RecordField.DIRECTION, AuditFields.DIRECTION),
                Map.entry(RecordField.CALLER, AuditFields.ACTOR_ID),
                Map.entry(RecordField.CALLEE, AuditFields.UPSTREAM_SERVICE),
                Map.entry(RecordField.USER, AuditFields.USER_HASH),
                Map.entry(RecordField.ROUTE, AuditFields.ROUTE),
                Map.entry(RecordField.METHOD, AuditFields.METHOD),
                Map.entry(RecordField.STATUS, AuditFields.STATUS),
                Map.entry(RecordField.DECISION, AuditFields.DECISION),
                Map.entry(RecordField.REASON, AuditFields.REASON),
                Map.entry(RecordField.RULE, AuditFields.RULE),
                Map.entry(RecordField.TRACE, AuditFields.TRACE_ID),
                Map.entry(RecordField.ID, AuditFields.ID));
        names.forEach((field, member) -> {
            String value = field == RecordField.DIRECTION ? "outbound" : "the " + field.word();
            members.put(member, value);
            expected.put(field, value);
        });
        log.request(7, members).seal("back/i1/x", 1).into(index);
        expected.put(RecordField.STREAM, "back/i1/x");
        for (RecordField field : RecordField.values()) {
            String value = expected.getOrDefault(field, "");
            List<Found> found = index.search(having(field, value)).records();
            assertThat(found).as(field.word()).anySatisfy(one -> {
                assertThat(one.values()).isEqualTo(expected);
                assertThat(one.time()).isEqualTo(NOON.plusSeconds(7));
                assertThat(one.number()).isEqualTo(1);
            });
            assertThat(indexes(index, having(field, value + "x")))
                    .as(field.word())
                    .isEmpty();
        }
    }

    @Test
    void timesBeginWithTheFirstAndEndBeforeTheLast() throws IOException {
        fill();
        assertThat(indexes(index, RecordQuery.ALL.between(NOON, NOON.plusSeconds(2))))
                .containsExactly(1L, 0L);
        assertThat(indexes(index, RecordQuery.ALL.between(NOON.plusMillis(1), NOON.plusSeconds(9))))
                .containsExactly(2L, 1L);
        assertThat(indexes(index, RecordQuery.ALL.between(NOON.plusSeconds(3), NOON.plusSeconds(9))))
                .isEmpty();
    }

    @Test
    void pagesGoOnWhereTheLastOneEnded() throws IOException {
        fill();
        Page first = index.search(RecordQuery.ALL.limit(2));
        assertThat(first.records()).extracting(Found::index).containsExactly(2L, 1L);
        Page second = index.search(RecordQuery.ALL.limit(2).before(first.next().getAsLong()));
        assertThat(second.records()).extracting(Found::index).containsExactly(0L);
        assertThat(second.next()).isEmpty();
        assertThat(indexes(index, RecordQuery.ALL.after(0))).containsExactly(2L, 1L);
        assertThat(index.search(RecordQuery.ALL.limit(3)).next()).isEmpty();
    }

    @Test
    void sealNamesTheStreamOfTheRecordsBeforeItAndNoOthers() throws IOException {
        log.request(0, Map.of())
                .request(1, Map.of())
                .request(2, Map.of())
                .seal("back/i1/x", 2)
                .request(3, Map.of())
                .seal("front/i1/y", 1)
                .into(index);
        assertThat(indexes(index, having(RecordField.STREAM, "back/i1/x"))).containsExactly(3L, 2L, 1L);
        assertThat(indexes(index, having(RecordField.STREAM, "front/i1/y"))).containsExactly(5L, 4L);
    }

    @Test
    void whatIsNoRecordIsLeftOut() throws IOException {
        log.raw("")
                .raw("\u0000\u0001")
                .raw("[]")
                .raw("{\"EventName\":\"x\"}")
                .raw("{\"Timestamp\":\"1\",\"EventName\":\"x\"}");
        log.raw("{\"Timestamp\":\"99999999999999999999999999999999\",\"EventName\":\"x\"}")
                .raw("{\"Timestamp\":");
        log.request(1, Map.of()).into(index);
        assertThat(indexes(index, RecordQuery.ALL)).containsExactly(7L);
        assertThat(index.next()).isEqualTo(8);
    }

    @Test
    void hostileValuesAreFoundAsTheyAre() throws IOException {
        List<String> values = List.of(
                "'; drop table record; --",
                "\u001b[2J\n{\"fake\":1}",
                "\u2028",
                "%",
                "_",
                "\"",
                "\ud83d\ude00",
                " ",
                "?");
        values.forEach(value -> log.request(0, Map.of(AuditFields.METHOD, value)));
        log.into(index);
        reopen();
        for (int i = 0; i < values.size(); i++) {
            assertThat(indexes(index, having(RecordField.METHOD, values.get(i))))
                    .containsExactly((long) i);
        }
    }

    @Test
    void longValuesAreComparedByTheirBeginning() throws IOException {
        String value = "x".repeat(300);
        log.request(0, Map.of(AuditFields.USER_HASH, value)).into(index);
        reopen();
        assertThat(indexes(index, having(RecordField.USER, value))).containsExactly(0L);
        assertThat(index.search(having(RecordField.USER, value))
                        .records()
                        .getFirst()
                        .value(RecordField.USER))
                .hasSize(256);
        assertThat(indexes(index, having(RecordField.USER, "x".repeat(255)))).isEmpty();
    }

    /** Found by trying: both have the term that CRC-32C makes of them. */
    @Test
    void twoValuesOfOneTermAreToldApart() throws IOException {
        Map<Integer, String> seen = new HashMap<>();
        String one = "";
        String other = "";
        for (int i = 0; one.isEmpty(); i++) {
            String value = "u" + i * 2_654_435_761L;
            String before = seen.put(Terms.of(RecordField.USER, value), value);
            if (before != null) {
                one = before;
                other = value;
            }
        }
        log.request(0, Map.of(AuditFields.USER_HASH, one))
                .request(1, Map.of(AuditFields.USER_HASH, other))
                .into(index);
        assertThat(indexes(index, having(RecordField.USER, one))).containsExactly(0L);
        assertThat(indexes(index, having(RecordField.USER, other))).containsExactly(1L);
    }

    @Test
    void manyDistinctValuesStandInTheRows() throws IOException {
        int distinct = Words.WORDS_MAX + 5_000;
        IntStream.range(0, distinct).forEach(i -> log.request(i, Map.of(AuditFields.USER_HASH, "user-" + i)));
        log.into(index);
        reopen();
        for (int i : new int[] {0, 1, Words.WORDS_MAX - 1, Words.WORDS_MAX, distinct - 1}) {
            assertThat(indexes(index, having(RecordField.USER, "user-" + i))).containsExactly((long) i);
        }
        assertThat(indexes(index, having(RecordField.USER, "user-" + distinct))).isEmpty();
    }

    @Test
    void searchThatTakesTooLongSaysWhereItStopped() throws IOException {
        IntStream.range(0, Block.SIZE + 10).forEach(i -> log.request(i, Map.of(AuditFields.METHOD, "GET")));
        log.into(index);
        Page late = index.search(having(RecordField.METHOD, "GET"), Duration.ZERO);
        assertThat(late.stopped()).isTrue();
        assertThat(late.next()).isPresent();
        Page inTime = index.search(
                having(RecordField.METHOD, "GET").before(late.next().getAsLong()));
        assertThat(inTime.stopped()).isFalse();
        assertThat(inTime.records().getFirst().index()).isEqualTo(Block.SIZE + 9);
    }

    @Test
    void oldestBlocksAreForgotten() throws IOException {
        index.close();
        index = RecordIndex.open(file(), 2);
        IntStream.range(0, 3 * Block.SIZE + 1).forEach(i -> log.request(i, Map.of(AuditFields.METHOD, "GET")));
        log.into(index);
        assertThat(index.search(RecordQuery.ALL.before(3L * Block.SIZE).limit(1))
                        .records())
                .hasSize(1);
        assertThat(indexes(index, RecordQuery.ALL.before(2L * Block.SIZE))).isEmpty();
        reopen();
        assertThat(indexes(index, RecordQuery.ALL.before(2L * Block.SIZE))).isEmpty();
    }

    @Test
    void fileIsForItsOwnerOnly() throws IOException {
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file())))
                .isEqualTo("rw-------");
    }

    @Test
    void limitIsBounded() {
        assertThatThrownBy(() -> RecordQuery.ALL.limit(1_001)).hasMessageContaining("1 to 1000");
        assertThatThrownBy(() -> RecordQuery.ALL.limit(0)).hasMessageContaining("1 to 1000");
    }
}
