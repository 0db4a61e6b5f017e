package dev.sallyport.server.issuance;

import dev.sallyport.server.issuance.CertificateEvent.Draft;
import dev.sallyport.server.issuance.CertificateEvent.Kind;
import dev.sallyport.server.store.Store;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jdbi.v3.core.Handle;
import org.jdbi.v3.core.statement.PreparedBatch;
import org.jdbi.v3.core.statement.Query;

/**
 * What happened to certificates, one event after the other, each chained to the one before by its hash: an event that was altered, or removed from the middle, shows. Written in the
 * transaction of what it records. Blocks; any thread.
 */
public final class CertificateEvents {
    /** What is older is forgotten, and what is more than this many; the chain says how many went, and where it goes on. */
    private static final Duration KEEP = Duration.ofDays(90);

    private static final long KEEP_MAX = 2_000_000;
    /** A check reads at most this many, the newest, in pages: whoever else needs the store waits for one page. */
    private static final long CHECK_MAX = 100_000;

    private static final int PAGE = 1_000;
    /** Of the newest certificates in the inventory; each costs one look by index. */
    private static final int INVENTORY_MAX = 5_000;

    private final Store store;

    public CertificateEvents(Store store) {
        this.store = store;
    }

    /** Adds one in the transaction of {@code handle}. */
    static void add(Handle handle, Draft draft) {
        addAll(handle, List.of(draft));
    }

    /** Adds all, one behind the other, in the transaction of {@code handle}. */
    static void addAll(Handle handle, List<Draft> drafts) {
        if (drafts.isEmpty()) {
            return;
        }
        EventHead head = EventHead.read(handle);
        PreparedBatch batch = handle.prepareBatch(
                "insert into certificate_events (id, at, kind, serial, identity, instance, method, actor, detail, count, previous, hash)"
                        + " values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
        for (Draft draft : drafts) {
            CertificateEvent event = draft.behind(head.id(), head.hash());
            batch.add(
                    event.id(),
                    event.at().toEpochMilli(),
                    event.kind(),
                    event.serial(),
                    event.identity(),
                    event.instance(),
                    event.method(),
                    event.actor(),
                    event.detail(),
                    event.count(),
                    event.previous(),
                    event.hash());
            head = new EventHead(event.id(), event.hash());
        }
        batch.execute();
        head.write(handle);
    }

    /** Adds one that records no change. */
    void add(Draft draft) {
        store.change(handle -> {
            add(handle, draft);
            return draft;
        });
    }

    /** The newest {@code limit} since {@code since}, oldest first; of {@code identity} unless that is {@code ""}. */
    public List<CertificateEvent> since(Instant since, String identity, int limit) {
        String of = identity.isEmpty() ? "" : " and identity = :identity and identity <> ''"; // As the index says it.
        return store.read(handle -> {
            Query query = handle.createQuery("select * from certificate_events where at >= :since" + of
                            + " order by at desc, id desc limit :limit")
                    .bind("since", since.toEpochMilli())
                    .bind("limit", limit);
            return inOrder(identity.isEmpty() ? query : query.bind("identity", identity));
        });
    }

    /** As {@link #since}, of any of {@code serials}. */
    public List<CertificateEvent> ofAny(Set<String> serials, Instant since, int limit) {
        String json = serials.stream().collect(Collectors.joining("\",\"", "[\"", "\"]"));
        return store.read(handle -> inOrder(handle.createQuery(
                        "select * from certificate_events where serial in (select value from json_each(:serials)) and serial <> ''"
                                + " and at >= :since order by at desc, id desc limit :limit")
                .bind("serials", json)
                .bind("since", since.toEpochMilli())
                .bind("limit", limit)));
    }

    private static List<CertificateEvent> inOrder(Query query) {
        return query.map((row, _) -> event(row)).stream()
                .sorted(Comparator.comparingLong(CertificateEvent::id))
                .toList();
    }

    /** All of one certificate, oldest first; at most {@code limit}. */
    public List<CertificateEvent> of(String serial, int limit) {
        return store.read(handle -> handle.createQuery(
                        "select * from certificate_events where serial = ? and serial <> '' order by id limit ?")
                .bind(0, serial)
                .bind(1, limit)
                .map((row, _) -> event(row))
                .list());
    }

    /** The newest that was recorded. */
    EventHead head() {
        return store.read(EventHead::read);
    }

    /** Follows the chain through the newest {@value #CHECK_MAX} events, and looks for the event of each of the newest certificates. */
    public EventChain.Checked check() {
        EventHead head = head();
        EventChain chain = new EventChain();
        long from = Math.max(0, head.id() - CHECK_MAX);
        long after = from;
        boolean more = true;
        while (more) {
            List<CertificateEvent> page = page(after, head.id());
            page.forEach(chain::add);
            more = !page.isEmpty();
            after = more ? page.getLast().id() : after;
        }
        EventChain.Checked checked = chain.end(head, older(from));
        return checked.broken().isPresent() ? checked : checked.with(unrecorded(checked.first()));
    }

    private long older(long upTo) {
        return store.read(handle -> handle.createQuery("select count(*) from certificate_events where id <= ?")
                .bind(0, upTo)
                .mapTo(Long.class)
                .one());
    }

    /** A certificate that was handed out since event {@code first}, and of which none tells: then events were taken out and the rest was chained anew. */
    private Optional<String> unrecorded(long first) {
        return store.read(handle -> handle.createQuery("""
                        select c.serial from (select serial, issued_at from certificates order by rowid desc limit :most) c
                        where c.issued_at > (select at from certificate_events where id = :first)
                        and not exists (select 1 from certificate_events e
                            where e.serial = c.serial and e.serial <> '' and e.kind in ('issued', 'renewed')) limit 1""")
                        .bind("most", INVENTORY_MAX)
                        .bind("first", first)
                        .mapTo(String.class)
                        .findOne())
                .map(serial -> "no event tells of certificate " + serial + ", which is in the inventory");
    }

    private List<CertificateEvent> page(long after, long last) {
        return store.read(handle -> handle.createQuery(
                        "select * from certificate_events where id > ? and id <= ? order by id limit ?")
                .bind(0, after)
                .bind(1, last)
                .bind(2, PAGE)
                .map((row, _) -> event(row))
                .list());
    }

    /** Removes what is too old or too much, from the beginning on, and says so in the chain. */
    public void forgetOld(Instant now) {
        store.change(handle -> {
            long newest = newest(handle).map(CertificateEvent::id).orElse(0L);
            // The first that is young enough stays, with all behind it: a clock that was set back makes no hole.
            long keepFrom = handle.createQuery("select coalesce(min(id), :end) from certificate_events where at >= :at")
                    .bind("end", newest + 1)
                    .bind("at", now.minus(KEEP).toEpochMilli())
                    .mapTo(Long.class)
                    .one();
            long upTo = Math.max(keepFrom - 1, newest - KEEP_MAX);
            Optional<String> lastHash = handle.createQuery("select hash from certificate_events where id = ?")
                    .bind(0, upTo)
                    .mapTo(String.class)
                    .findOne();
            if (lastHash.isEmpty()) {
                return 0;
            }
            long count = handle.createQuery("select count(*) from certificate_events where id <= ?")
                    .bind(0, upTo)
                    .mapTo(Long.class)
                    .one();
            // Before the removal: the chain needs its end to grow from.
            add(handle, new Draft(now, Kind.FORGOTTEN, "", "", "", "", "", lastHash.get(), count));
            return handle.execute("delete from certificate_events where id <= ?", upTo);
        });
    }

    private static Optional<CertificateEvent> newest(Handle handle) {
        return handle.createQuery("select * from certificate_events order by id desc limit 1")
                .map((row, _) -> event(row))
                .findOne();
    }

    private static CertificateEvent event(ResultSet row) throws SQLException {
        return new CertificateEvent(
                row.getLong("id"),
                Instant.ofEpochMilli(row.getLong("at")),
                row.getString("kind"),
                row.getString("serial"),
                row.getString("identity"),
                row.getString("instance"),
                row.getString("method"),
                row.getString("actor"),
                row.getString("detail"),
                row.getLong("count"),
                row.getString("previous"),
                row.getString("hash"));
    }
}
