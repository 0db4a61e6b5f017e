package dev.sallyport.server.issuance;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.RevokingAuthority;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.issuance.CertificateEvent.Draft;
import dev.sallyport.server.issuance.CertificateEvent.Kind;
import dev.sallyport.server.store.Store;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jdbi.v3.core.Handle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the authority that signed a revoked certificate, if it has a list of its own. The queue is the store's, the thread our own: a sealed Vault delays nothing that the mesh does.
 * Tried again with growing pauses until the certificate ends.
 */
public final class RevocationNotices implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(RevocationNotices.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(5);
    private static final Duration PAUSE_MAX = Duration.ofHours(1);
    /** The last try is this long before nobody needs it any more, whatever the pause has grown to. */
    private static final Duration LAST_BEFORE_END = Duration.ofMinutes(1);

    /** Told in one look; the rest comes with the next, so that an outage of the authority is noticed in between. */
    private static final int AT_ONCE = 50;

    /** Of a revoked certificate whose authority is to be told. {@code tries}: failed so far. */
    private record Notice(
            String serial, String identity, int generation, int tries, Instant ends, Optional<byte[]> leaf) {}

    /** Who signed the certificates of a generation; empty if nobody there wants to be told. Unavailable: it is not open now, and may be later. */
    @FunctionalInterface
    public interface Signer {
        Optional<RevokingAuthority> of(int generation) throws AuthorityUnavailableException;
    }

    private final Store store;
    private final Signer signer;
    private final Clock clock;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().daemon().name("revocation-notices").unstarted(task));

    public RevocationNotices(Store store, Signer signer, Clock clock) {
        this.store = store;
        this.signer = signer;
        this.clock = clock;
    }

    public void start() {
        thread.scheduleWithFixedDelay(this::look, 0, LOOK_EVERY.toMillis(), TimeUnit.MILLISECONDS);
    }

    /** Something was revoked: it need not wait for the next look. Any thread. */
    public void look() {
        if (!thread.isShutdown()) {
            thread.execute(this::tellSafely);
        }
    }

    /** How many the authority has still to be told of. */
    public long waiting() {
        return store.read(handle -> handle.createQuery("select count(*) from revocations where tell = 'wanted'")
                .mapTo(Long.class)
                .one());
    }

    private void tellSafely() {
        try {
            passOver();
            due().forEach(this::tell);
        } catch (RuntimeException e) {
            if (thread.isShutdown()) {
                return; // The stop broke it off; the queue is the store's.
            }
            log.error("revocations: the authority could not be told; it is tried again", e);
        }
    }

    /** All whose authority has no list of its own, in one statement for each: there may be ten thousand of them. */
    private void passOver() {
        List<Integer> generations = store.read(handle -> handle.createQuery(
                        "select distinct c.generation from revocations r join certificates c on c.serial = r.serial where r.tell = 'wanted'")
                .mapTo(Integer.class)
                .list());
        for (int generation : generations) {
            try {
                if (signer.of(generation).isEmpty()) {
                    store.change(handle -> handle.createUpdate(
                                    "update revocations set tell = 'none' where tell = 'wanted' and exists"
                                            + " (select 1 from certificates c where c.serial = revocations.serial and c.generation = :generation)")
                            .bind("generation", generation)
                            .execute());
                }
            } catch (AuthorityUnavailableException e) {
                log.debug("revocations of generation {}: {}", generation, e.getMessage()); // Each notice says it.
            }
        }
    }

    private List<Notice> due() {
        long now = clock.millis();
        return store.read(handle -> handle.createQuery(
                        "select r.serial, r.identity, r.tell_tries, r.until, c.generation, c.leaf from revocations r left join certificates c on c.serial = r.serial"
                                + " where r.tell = 'wanted' and r.tell_next <= ? order by r.tell_next, r.id limit ?")
                .bind(0, now)
                .bind(1, AT_ONCE)
                .map((row, _) -> new Notice(
                        row.getString("serial"),
                        row.getString("identity"),
                        row.getInt("generation"),
                        row.getInt("tell_tries"),
                        Instant.ofEpochMilli(row.getLong("until")),
                        Optional.ofNullable(row.getBytes("leaf"))))
                .list());
    }

    private void tell(Notice notice) {
        try {
            Optional<X509Certificate> leaf = notice.leaf().isPresent()
                    ? Optional.of(X509Svid.certificate(notice.leaf().get()))
                    : Optional.empty();
            Optional<RevokingAuthority> authority = signer.of(notice.generation());
            if (leaf.isEmpty() || authority.isEmpty()) {
                store.change(handle ->
                        handle.execute("update revocations set tell = 'none' where serial = ?", notice.serial()));
                return;
            }
            authority.get().revoke(leaf.get());
            ended(notice, "told", Kind.TOLD, "the authority that signed it knows");
        } catch (AuthorityUnavailableException e) {
            later(notice, String.valueOf(e.getMessage()), e.retryAfter());
        } catch (IssuanceRefusedException | SvidRejectedException e) {
            ended(notice, "given-up", Kind.NOT_TOLD, "the authority refuses: " + e.getMessage());
        }
    }

    private void later(Notice notice, String problem, Duration atLeast) {
        Instant now = clock.instant();
        Duration pause = LOOK_EVERY.multipliedBy(1L << Math.min(notice.tries(), 10));
        pause = pause.compareTo(atLeast) < 0 ? atLeast : pause;
        Instant planned = now.plus(pause.compareTo(PAUSE_MAX) > 0 ? PAUSE_MAX : pause);
        Instant last = notice.ends().minus(LAST_BEFORE_END);
        Instant next = planned.isAfter(last) && now.isBefore(last) ? last : planned;
        if (next.isAfter(notice.ends())) {
            ended(notice, "given-up", Kind.NOT_TOLD, "not told before its end: " + problem);
            return;
        }
        log.warn("revocation of {}: the authority cannot be told, again at {}: {}", notice.serial(), next, problem);
        store.change(handle -> handle.execute(
                "update revocations set tell_tries = tell_tries + 1, tell_next = ? where serial = ?",
                next.toEpochMilli(),
                notice.serial()));
    }

    private void ended(Notice notice, String tell, Kind kind, String detail) {
        Instant now = clock.instant();
        store.change((Handle handle) -> {
            CertificateEvents.add(
                    handle, new Draft(now, kind, notice.serial(), notice.identity(), "", "", "", detail, 1));
            return handle.execute(
                    "update revocations set tell = ?, told_at = ? where serial = ?",
                    tell,
                    kind == Kind.TOLD ? now.toEpochMilli() : null,
                    notice.serial());
        });
        log.info("revocation of {}: {}", notice.serial(), detail);
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
