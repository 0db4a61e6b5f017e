package dev.sallyport.benchmarks.search;

import dev.sallyport.audit.RecordField;
import dev.sallyport.server.records.RecordQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Function;

/** What people ask of records, by kind; each question is drawn anew. */
public final class Questions {
    private final MadeRecords records;
    private final SequencedMap<String, Function<Random, RecordQuery>> kinds = new LinkedHashMap<>();

    public Questions(MadeRecords records) {
        this.records = records;
        kinds.put("the newest 50", _ -> ask(50, Map.of()));
        kinds.put("one caller", random -> ask(50, Map.of(RecordField.CALLER, caller(random))));
        kinds.put(
                "denials of a service",
                random -> ask(50, Map.of(RecordField.CALLEE, callee(random), RecordField.DECISION, "deny")));
        kinds.put(
                "a user who does much",
                random -> ask(50, Map.of(RecordField.USER, MadeRecords.user(random.nextInt(20)))));
        kinds.put(
                "a user who does little",
                random -> ask(
                        50,
                        Map.of(
                                RecordField.USER,
                                MadeRecords.user(MadeRecords.USERS / 2 + random.nextInt(MadeRecords.USERS / 2)))));
        kinds.put(
                "1,000 scattered ones",
                random -> ask(1_000, Map.of(RecordField.STATUS, "503", RecordField.CALLER, caller(random))));
        kinds.put(
                "five fields",
                random -> ask(
                        50,
                        Map.of(
                                RecordField.CALLEE, callee(random),
                                RecordField.METHOD, "DELETE",
                                RecordField.ROUTE, "route-9",
                                RecordField.REASON, "guardrail",
                                RecordField.STATUS, "403")));
        kinds.put("frequent ones that never meet", random -> {
            int service = random.nextInt(MadeRecords.SERVICES);
            return ask(
                    50,
                    Map.of(
                            RecordField.CALLER,
                            MadeRecords.spiffeId(service),
                            RecordField.CALLEE,
                            MadeRecords.service((service + 9) % MadeRecords.SERVICES),
                            RecordField.DECISION,
                            "allow",
                            RecordField.METHOD,
                            "GET"));
        });
        kinds.put(
                "the most frequent that never meet",
                _ -> ask(
                        50,
                        Map.of(RecordField.DECISION, "allow", RecordField.STATUS, "403", RecordField.METHOD, "GET")));
        kinds.put("a value that nobody has", random -> ask(50, Map.of(RecordField.USER, "k-" + random.nextLong())));
        kinds.put("denials of 15 minutes", random -> {
            Instant to = moment(random);
            return ask(1_000, Map.of(RecordField.DECISION, "deny", RecordField.CALLEE, callee(random)))
                    .between(to.minus(Duration.ofMinutes(15)), to);
        });
        kinds.put("an hour of long ago, all", random -> {
            Instant to = moment(random);
            return ask(1_000, Map.of()).between(to.minus(Duration.ofHours(1)), to);
        });
        kinds.put(
                "a later page",
                random -> ask(50, Map.of(RecordField.CALLER, caller(random), RecordField.METHOD, "POST"))
                        .before(index(random)));
        kinds.put(
                "one record by its id",
                random -> RecordQuery.ALL.with(RecordField.ID, Set.of(records.id(index(random)))));
        kinds.put("one trace", random -> ask(50, Map.of(RecordField.TRACE, records.trace(index(random)))));
    }

    public SequencedMap<String, Function<Random, RecordQuery>> kinds() {
        return kinds;
    }

    /** As the API asks: of requests and connections. */
    private static RecordQuery ask(int limit, Map<RecordField, String> values) {
        RecordQuery query = RecordQuery.ALL.limit(limit).with(RecordField.EVENT, Set.of("request", "connection"));
        for (Map.Entry<RecordField, String> value : values.entrySet()) {
            query = query.with(value.getKey(), Set.of(value.getValue()));
        }
        return query;
    }

    private static String caller(Random random) {
        return MadeRecords.spiffeId(random.nextInt(MadeRecords.SERVICES));
    }

    private static String callee(Random random) {
        return MadeRecords.service(random.nextInt(MadeRecords.SERVICES));
    }

    private long index(Random random) {
        return random.nextLong(records.size());
    }

    private Instant moment(Random random) {
        return MadeRecords.time(index(random));
    }
}
