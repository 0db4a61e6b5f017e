package dev.sallyport.server.issuer;

import dev.sallyport.policy.Mesh;
import dev.sallyport.server.issuer.Issuers.State;
import dev.sallyport.server.issuer.Issuers.Status;
import dev.sallyport.server.issuer.StoredKeys.Good;
import dev.sallyport.server.issuer.StoredKeys.Origin;
import dev.sallyport.server.store.StoreUnavailableException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.random.RandomGenerator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one issuer: asked for when the plan says so, one fetch at a time, on a thread that nobody else waits for. Good keys are never replaced by nothing; they count until
 * {@code maxStale} after they were fetched, and then there are none. Any thread; nothing here blocks but the fetch itself.
 */
final class KeyFollower {
    private static final Logger log = LoggerFactory.getLogger(KeyFollower.class);

    /** Asks an issuer. Blocks. */
    @FunctionalInterface
    interface Source {
        KeySet keysOf(Mesh.Issuer issuer) throws IOException, InterruptedException;
    }

    /** What all followers share. {@code changed} is called after each fetch. */
    record Setting(
            Source source,
            StoredKeys stored,
            Executor fetching,
            Clock clock,
            RandomGenerator random,
            Runnable changed) {}

    private final Setting setting;
    private final CompletableFuture<Void> firstTry = new CompletableFuture<>();
    private final RefreshPlan plan; // guarded by this, as all below
    private Mesh.Issuer declared;
    private Optional<Good> good;
    private Optional<String> error = Optional.empty();
    private boolean underWay;
    private boolean gone;
    private boolean closed;
    private long reports;
    private long successes;
    private long failures;

    /** Begins with the last good keys that were ever stored. */
    KeyFollower(Mesh.Issuer declared, Setting setting) {
        this.declared = declared;
        this.good = setting.stored().last(Origin.of(declared));
        this.setting = setting;
        this.plan = new RefreshPlan(declared.keys().maxStale(), setting.clock().instant(), setting.random());
    }

    /** As the Mesh says now; of the same origin. */
    synchronized void declare(Mesh.Issuer now) {
        if (!now.equals(declared)) {
            declared = now;
            plan.redeclared(now.keys().maxStale(), setting.clock().instant());
        }
    }

    /** Begins what is due, and notices the end of the keys. */
    synchronized void look() {
        Instant now = setting.clock().instant();
        // A clock that was set back must not make keys younger than they are.
        good = good.map(known -> known.fetchedAt().isAfter(now) ? new Good(known.keys(), now) : known);
        noteEnd(now);
        if (!underWay && !closed && plan.due(now)) {
            Mesh.Issuer asked = declared;
            setting.fetching().execute(() -> fetch(asked, now));
            underWay = true; // Not before there is a thread that will take it back.
            plan.started(now);
        }
    }

    private void noteEnd(Instant now) {
        boolean ended =
                gone || (good.isPresent() && inForce(now).isEmpty()); // A clock that is set back brings none back.
        if (ended && !gone) {
            log.error(
                    "issuer {}: its keys were fetched longer than maxStale ({}) ago and count no more: every token of it is refused",
                    declared.name(),
                    declared.keys().maxStale());
        }
        gone = ended;
    }

    /** A sidecar saw a token of this issuer with a key id that it does not know. */
    synchronized void wanted() {
        reports++;
        plan.wanted(setting.clock().instant());
    }

    private void fetch(Mesh.Issuer asked, Instant began) {
        try {
            answered(asked, new Good(setting.source().keysOf(asked), began));
        } catch (IOException | RuntimeException e) {
            failed(Shown.sentence(e.getMessage() == null ? e.toString() : e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // The process stops.
        } finally {
            ended();
        }
    }

    private void answered(Mesh.Issuer asked, Good next) {
        boolean news;
        synchronized (this) {
            Instant now = setting.clock().instant();
            if (closed || !asked.equals(declared)) {
                return; // An answer to a question that the Mesh no longer asks; the next one is due already.
            }
            successes++;
            plan.succeeded(now);
            error = Optional.empty();
            news = good.filter(known -> known.keys().equals(next.keys()) && !gone)
                    .isEmpty();
            good = Optional.of(next);
            gone = false;
            if (inForce(now).isEmpty()) { // It took longer than keys count: asked again, rather than after an interval.
                plan.redeclared(declared.keys().maxStale(), now);
            }
        }
        if (news) {
            log.info(
                    "issuer {}: keys {}, skipped {}",
                    asked.name(),
                    next.keys().ids(),
                    next.keys().skipped());
        }
        try {
            setting.stored().keep(Origin.of(asked), next);
        } catch (StoreUnavailableException e) {
            log.error("issuer {}: keys not stored; they count, but a restart would not have them", asked.name(), e);
        }
    }

    private void failed(String why) {
        synchronized (this) {
            failures++;
            plan.failed(setting.clock().instant());
            boolean known = error.filter(why::equals).isPresent();
            error = Optional.of(why);
            if (known || closed) {
                return;
            }
        }
        log.warn("issuer {}: keys could not be fetched, the last good ones stay: {}", name(), why);
    }

    private void ended() {
        synchronized (this) {
            underWay = false;
        }
        setting.changed().run();
        firstTry.complete(null); // Who waits for it wants the keys where others see them.
    }

    synchronized String name() {
        return declared.name();
    }

    /** Done when the issuer was asked once. */
    CompletableFuture<Void> firstTry() {
        return firstTry;
    }

    /** The keys that count now. */
    synchronized Optional<String> jwks() {
        return inForce(setting.clock().instant()).map(known -> known.keys().jwks());
    }

    private Optional<Good> inForce(Instant now) {
        return good.filter(known -> !gone && now.isBefore(goodUntil(known)));
    }

    private Instant goodUntil(Good known) {
        return known.fetchedAt().plus(declared.keys().maxStale());
    }

    synchronized Status status() {
        Instant now = setting.clock().instant();
        List<String> ids = inForce(now).map(known -> known.keys().ids()).orElse(List.of());
        return new Status(
                declared.name(),
                declared.issuer(),
                state(now),
                ids.size(),
                ids.stream().map(Shown::word).toList(),
                good.map(Good::fetchedAt),
                good.map(known ->
                        Math.max(0, Duration.between(known.fetchedAt(), now).toSeconds())),
                good.map(this::goodUntil),
                plan.next(),
                error,
                good.map(known -> known.keys().skipped()).orElse(List.of()),
                reports,
                successes,
                failures);
    }

    private State state(Instant now) {
        if (good.isEmpty()) {
            return State.NEVER;
        }
        if (inForce(now).isEmpty()) {
            return State.GONE;
        }
        boolean late = now.isAfter(good.get().fetchedAt().plus(plan.interval().multipliedBy(2)));
        return error.isPresent() || late ? State.STALE : State.FRESH;
    }

    /** What is still under way ends as if it had not been. */
    synchronized void close() {
        closed = true;
        firstTry.complete(null);
    }
}
