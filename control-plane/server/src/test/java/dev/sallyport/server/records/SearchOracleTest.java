package dev.sallyport.server.records;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.RecordField;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random questions about random records, answered by the index and by looking at every record. */
class SearchOracleTest {
    private static final int RECORDS = 3 * Block.SIZE + 1_234;
    private static final Map<RecordField, String> MEMBERS = Map.of(
            RecordField.CALLER, AuditFields.ACTOR_ID,
            RecordField.METHOD, AuditFields.METHOD,
            RecordField.USER, AuditFields.USER_HASH,
            RecordField.DECISION, AuditFields.DECISION);

    @TempDir
    Path folder;

    private record Made(long index, Instant time, Map<RecordField, String> values) {}

    @Test
    void indexAnswersAsLookingAtAllDoes() throws IOException {
        long seed = System.nanoTime();
        System.out.println("seed " + seed);
        Random random = new Random(seed);
        MadeLog log = new MadeLog();
        List<Made> all = new ArrayList<>();
        for (int i = 0; i < RECORDS; i++) {
            long second = i / 10L + random.nextInt(50) - (random.nextInt(2_000) == 0 ? 40_000_000 : 0);
            Map<RecordField, String> values = Map.of(
                    RecordField.CALLER,
                    "caller-" + random.nextInt(5),
                    RecordField.METHOD,
                    random.nextInt(1_000) == 0 ? "RARE" : "GET",
                    RecordField.USER,
                    "user-" + random.nextInt(3_000),
                    RecordField.DECISION,
                    random.nextInt(20) == 0 ? "deny" : "allow");
            log.request(
                    second,
                    values.entrySet().stream()
                            .collect(Collectors.toMap(value -> MEMBERS.get(value.getKey()), Map.Entry::getValue)));
            all.add(new Made(i, MadeLog.NOON.plusSeconds(second), values));
        }
        Path file = folder.resolve("records.db");
        List<byte[]> later = new ArrayList<>(log.entries.subList(20_000, RECORDS));
        log.entries.subList(20_000, RECORDS).clear();
        try (RecordIndex index = RecordIndex.open(file)) {
            log.into(index);
        }
        log.entries.addAll(later);
        try (RecordIndex index = RecordIndex.open(file)) {
            log.into(index);
            for (int i = 0; i < 300; i++) {
                RecordQuery query = query(random, all);
                assertThat(paged(index, query)).as("%s, seed %d", query, seed).isEqualTo(expected(all, query));
            }
        }
    }

    private static RecordQuery query(Random random, List<Made> all) {
        RecordQuery query = RecordQuery.ALL.limit(1 + random.nextInt(1_000));
        for (RecordField field : MEMBERS.keySet()) {
            if (random.nextInt(3) == 0) {
                Set<String> values = IntStream.rangeClosed(0, random.nextInt(3))
                        .mapToObj(_ -> one(random, all).values().get(field))
                        .collect(Collectors.toCollection(HashSet::new));
                query = query.with(field, values);
            }
        }
        if (random.nextBoolean()) {
            Instant from = one(random, all).time();
            query = query.between(from, from.plusSeconds(random.nextInt(3_000)));
        }
        if (random.nextInt(3) == 0) {
            query = query.inOrder();
        }
        if (random.nextInt(4) == 0) {
            query = query.before(random.nextInt(RECORDS));
        }
        if (random.nextInt(4) == 0) {
            query = query.after(random.nextInt(RECORDS));
        }
        return query;
    }

    private static Made one(Random random, List<Made> all) {
        return all.get(random.nextInt(all.size()));
    }

    /** All pages, or the first thirty. */
    private static List<Long> paged(RecordIndex index, RecordQuery query) throws IOException {
        List<Long> found = new ArrayList<>();
        Page page = index.search(query);
        for (int pages = 1; ; pages++) {
            page.records().forEach(record -> found.add(record.index()));
            if (page.next().isEmpty() || pages == 30) {
                return found;
            }
            long next = page.next().getAsLong();
            page = index.search(query.oldestFirst() ? query.after(next) : query.before(next));
        }
    }

    private static List<Long> expected(List<Made> all, RecordQuery query) {
        return (query.oldestFirst() ? all : all.reversed())
                .stream()
                        .filter(made -> made.index() < query.before() && made.index() > query.after())
                        .filter(made -> !made.time().isBefore(query.from())
                                && made.time().isBefore(query.to()))
                        .filter(made -> query.filters().entrySet().stream()
                                .allMatch(filter ->
                                        filter.getValue().contains(made.values().get(filter.getKey()))))
                        .map(Made::index)
                        .limit(30L * query.limit())
                        .toList();
    }
}
