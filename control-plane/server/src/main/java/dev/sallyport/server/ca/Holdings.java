package dev.sallyport.server.ca;

import dev.sallyport.server.store.Store;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Who holds which certificate, by the inventory. Canaries do not count: nobody keeps one. Any thread; blocks. */
final class Holdings {
    /** A certificate that has neither ended nor been revoked. {@code shown}: its holder has used it here. */
    record Held(String serial, int generation, Instant notAfter, boolean shown) {}

    /** Of one instance, oldest first; never empty. */
    record Holding(Instance instance, List<Held> certificates) {
        Held newest() {
            return certificates.getLast();
        }

        /**
         * Whether it needs nothing but {@code generation}: it has shown a certificate of it and got none of another since, or has no other. That a later one of the same was not shown
         * means nothing: its answer may be lost.
         */
        boolean isOn(int generation) {
            return endOfOthers(generation).isEmpty()
                    || certificates.reversed().stream()
                            .takeWhile(held -> held.generation() == generation)
                            .anyMatch(Held::shown);
        }

        /** When the last certificate of any other generation ends by itself. */
        Optional<Instant> endOfOthers(int generation) {
            return certificates.stream()
                    .filter(held -> held.generation() != generation)
                    .map(Held::notAfter)
                    .max(Comparator.naturalOrder());
        }

        Instant end() {
            return certificates.stream()
                    .map(Held::notAfter)
                    .max(Comparator.naturalOrder())
                    .orElseThrow();
        }
    }

    private record Row(Instance instance, Held held) {}

    private final Store store;

    Holdings(Store store) {
        this.store = store;
    }

    /** Everybody with a certificate of one of {@code generations}. */
    List<Holding> at(Instant now, Set<Integer> generations) {
        List<Row> rows = store.read(handle -> handle.createQuery(
                        "select serial, identity, instance, generation, not_after, shown from certificates"
                                + " where not_after > ? and revoked = 0 and method <> 'canary' order by issued_at, rowid")
                .bind(0, now.toEpochMilli())
                .map((row, _) -> new Row(
                        new Instance(row.getString("identity"), row.getString("instance")),
                        new Held(
                                row.getString("serial"),
                                row.getInt("generation"),
                                Instant.ofEpochMilli(row.getLong("not_after")),
                                row.getInt("shown") != 0)))
                .list());
        Map<Instance, List<Held>> byInstance = new LinkedHashMap<>();
        rows.stream()
                .filter(row -> generations.contains(row.held().generation()))
                .forEach(row -> byInstance
                        .computeIfAbsent(row.instance(), _ -> new ArrayList<>())
                        .add(row.held()));
        return byInstance.entrySet().stream()
                .map(entry -> new Holding(entry.getKey(), List.copyOf(entry.getValue())))
                .toList();
    }

    /** Serials of certificates of all others that have not ended, canaries too. */
    Set<String> serialsExcept(Instant now, Set<Integer> generations) {
        return store.read(handle -> handle
                .createQuery("select serial, generation from certificates where not_after > ?")
                .bind(0, now.toEpochMilli())
                .map((row, _) -> generations.contains(row.getInt("generation"))
                        ? Optional.<String>empty()
                        : Optional.of(row.getString("serial")))
                .list()
                .stream()
                .flatMap(Optional::stream)
                .collect(Collectors.toUnmodifiableSet()));
    }

    /** Their holders have used them here. */
    void shown(Collection<String> serials) {
        store.change(handle -> {
            for (String serial : serials) {
                handle.execute("update certificates set shown = 1 where serial = ?", serial);
            }
            return serials;
        });
    }
}
