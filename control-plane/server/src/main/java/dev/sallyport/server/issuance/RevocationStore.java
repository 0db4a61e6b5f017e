package dev.sallyport.server.issuance;

import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.server.issuance.CertificateEvent.Draft;
import dev.sallyport.server.issuance.CertificateEvent.Kind;
import dev.sallyport.server.store.Store;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What was taken back: certificates, for good, and identities, until they are reinstated. An identity that is revoked gets no certificate, and the certificates and proofs that it
 * had stay revoked when it is reinstated: whoever stole one must gain nothing by that. Any thread; blocks.
 */
public final class RevocationStore {
    private static final Logger log = LoggerFactory.getLogger(RevocationStore.class);
    /** Named one by one in every snapshot: 700 kB of it. A revoked identity is one name whatever it has, but reinstated all that it had is named until it ends. */
    static final int SERIALS_MAX = 20_000;

    private static final Duration KEEP_ENDED = Duration.ofDays(90);

    /** Who takes something back, and why. */
    public record Act(String by, String reason) {}

    /** What was taken back by one act: {@code serials} that had not ended. */
    public record Taken(SpiffeId identity, Set<String> serials) {}

    /** A line of the list; {@code serial} {@code ""}: the identity as a whole. {@code until}: when it leaves the snapshots by itself. */
    public record Entry(
            String serial,
            String identity,
            String reason,
            String by,
            Instant at,
            Optional<Instant> until,
            Optional<Instant> reinstatedAt,
            String tell,
            Optional<Instant> toldAt) {}

    private final Store store;
    private final Clock clock;
    private final List<Consumer<Revocations>> listeners = new CopyOnWriteArrayList<>();

    private volatile int serialsInForce;

    public RevocationStore(Store store, Clock clock) {
        this.store = store;
        this.clock = clock;
    }

    /** Called with all that is in force after each change, in order. */
    public void onChange(Consumer<Revocations> listener) {
        listeners.add(listener);
    }

    /** What sidecars must refuse now. */
    public Revocations inForce() {
        Instant now = clock.instant();
        return store.read(handle -> RevocationRows.inForce(handle, now));
    }

    /** Tells listeners what is in force: after a change that is durable, and when something may have ended. */
    public synchronized void publish() {
        Revocations now = inForce();
        serialsInForce = now.serials().size();
        if (serialsInForce > SERIALS_MAX) {
            log.error(
                    "revocations: {} certificates are named in each snapshot of each sidecar (expected: at most {}; revoke identities instead)",
                    serialsInForce,
                    SERIALS_MAX);
        }
        // All of it under the lock: a later look is never overtaken by an earlier one.
        listeners.forEach(listener -> listener.accept(now));
    }

    /** Certificates that the snapshots of now name one by one. */
    int serialsInForce() {
        return serialsInForce;
    }

    /** One certificate with all that succeed it, for good. */
    public Taken revokeSerial(String serial, Act act) throws RevocationRefusedException {
        Instant now = clock.instant();
        Taken taken = store.change(handle -> {
            Certificates.Entry entry = Certificates.find(handle, serial)
                    .orElseThrow(() -> RevocationRefusedException.unknown(
                            "serial: " + serial + " (expected: one of the inventory; see sallyport certs list --all)"));
            if (entry.revoked()) {
                throw RevocationRefusedException.conflict("certificate " + serial + " is revoked already");
            }
            if (!now.isBefore(entry.notAfter())) {
                throw RevocationRefusedException.conflict("certificate " + serial + " ended at " + entry.notAfter());
            }
            return new Taken(
                    RevocationRows.spiffeId(entry.identity()),
                    RevocationRows.takeWithSuccessors(handle, serial, act, now));
        });
        publish();
        return taken;
    }

    /** An identity with all that it has: certificates, join tokens, tokens of its pods. Nothing is issued to it until {@link #reinstate}. */
    public Taken revokeIdentity(SpiffeId identity, Act act) throws RevocationRefusedException {
        if (identity.reserved()) {
            throw RevocationRefusedException.forbidden(
                    identity
                            + " is the product's own (expected: the identity of a workload; our own certificate is replaced by a new authority, sallyport ca rotate)");
        }
        Instant now = clock.instant();
        Set<String> serials = store.change(handle -> {
            if (RevocationRows.barred(handle, identity)) {
                throw RevocationRefusedException.conflict(identity + " is revoked already");
            }
            return RevocationRows.bar(handle, identity, act, now);
        });
        publish();
        return new Taken(identity, serials);
    }

    /** The identity may be issued to again; what it had stays revoked. */
    public void reinstate(SpiffeId identity, String by) throws RevocationRefusedException {
        Instant now = clock.instant();
        store.change(handle -> {
            int ended = handle.execute(
                    "update revocations set reinstated_at = ?, reinstated_by = ? where serial = '' and identity = ? and reinstated_at is null",
                    now.toEpochMilli(),
                    by,
                    identity.toString());
            if (ended == 0) {
                throw RevocationRefusedException.unknown(
                        "identity: " + identity + " (expected: one that is revoked; see sallyport certs list --all)");
            }
            int serials = RevocationRows.inForce(handle, now).serials().size();
            if (serials > SERIALS_MAX) {
                throw RevocationRefusedException.conflict("reinstating " + identity + ": " + serials
                        + " revoked certificates would be named in each snapshot of each sidecar (expected: at most "
                        + SERIALS_MAX + ", so after " + RevocationRows.until(handle, identity, now)
                        + " at the latest)");
            }
            CertificateEvents.add(handle, new Draft(now, Kind.REINSTATED, "", identity.toString(), "", "", by, "", 1));
            return ended;
        });
        publish();
    }

    /** Newest first; at most {@code limit}. */
    public List<Entry> list(int limit) {
        return store.read(handle -> handle.createQuery("select * from revocations order by id desc limit ?")
                .bind(0, limit)
                .map((row, _) -> entry(row))
                .list());
    }

    /** The revocation of one certificate. */
    public Optional<Entry> find(String serial) {
        return store.read(handle -> handle.createQuery("select * from revocations where serial = ? and serial <> ''")
                .bind(0, serial)
                .map((row, _) -> entry(row))
                .findOne());
    }

    /** For the timer: what ended leaves the snapshots, what ended long ago the store. */
    public void sweep() {
        long longAgo = clock.instant().minus(KEEP_ENDED).toEpochMilli();
        store.change(handle -> handle.execute(
                "delete from revocations where (serial <> '' and until < ?) or (serial = '' and reinstated_at < ?)",
                longAgo,
                longAgo));
        publish();
    }

    private static Entry entry(ResultSet row) throws SQLException {
        return new Entry(
                row.getString("serial"),
                row.getString("identity"),
                row.getString("reason"),
                row.getString("revoked_by"),
                Instant.ofEpochMilli(row.getLong("at")),
                Certificates.moment(row, "until"),
                Certificates.moment(row, "reinstated_at"),
                row.getString("tell"),
                Certificates.moment(row, "told_at"));
    }
}
