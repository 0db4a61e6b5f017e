package dev.sallyport.server.issuance;

import dev.sallyport.server.issuance.CertificateEvent.Draft;
import dev.sallyport.server.issuance.CertificateEvent.Kind;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The record of what was refused. The first of its kind in a minute is recorded at once, the others are counted and recorded together when the minute is over: strangers who ask a
 * million times fill no disk. What a crash loses is one minute's counts. Any thread; the first of a kind blocks.
 */
final class Refusals {
    private static final Duration TOGETHER = Duration.ofMinutes(1);
    /** Identities are proven before they are named here, and a Mesh has fewer; beyond it they are counted without a name. */
    private static final int KINDS_MAX = 1_000;

    /** {@code identity}, {@code serial}: of who proved to be somebody, else {@code ""}. */
    private record Key(String method, String reason, String identity, String serial) {}

    private static final class Counted {
        private final Instant since;
        private long more;

        Counted(Instant since) {
            this.since = since;
        }
    }

    private final CertificateEvents events;
    private final Clock clock;
    private final Map<Key, Counted> counted = new HashMap<>(); // guarded by itself

    Refusals(CertificateEvents events, Clock clock) {
        this.events = events;
        this.clock = clock;
    }

    /** {@code asker}: what is known of who asked; {@code why}: the message of the first. */
    void add(Asker asker, String reason, String why) {
        Instant now = clock.instant();
        Key key = new Key(asker.method(), reason, asker.identity(), asker.serial());
        synchronized (counted) {
            if (counted.size() >= KINDS_MAX && !counted.containsKey(key)) {
                key = new Key(asker.method(), reason, "", "");
            }
            Counted known = counted.get(key);
            if (known != null) {
                known.more++;
                return;
            }
            counted.put(key, new Counted(now));
        }
        events.add(new Draft(
                now,
                Kind.REFUSED,
                key.serial(),
                key.identity(),
                asker.instance(),
                key.method(),
                "",
                reason + ": " + why,
                1));
    }

    /** For the timer, at least once a minute: records the minutes that are over. */
    void flush() {
        flush(clock.instant().minus(TOGETHER));
    }

    /** At the end of the process: all that was counted. */
    void flushAll() {
        flush(Instant.MAX);
    }

    private void flush(Instant startedBefore) {
        List<Map.Entry<Key, Counted>> over;
        synchronized (counted) {
            over = counted.entrySet().stream()
                    .filter(entry -> entry.getValue().since.isBefore(startedBefore))
                    .map(entry -> Map.entry(entry.getKey(), entry.getValue()))
                    .toList();
            over.forEach(entry -> counted.remove(entry.getKey()));
        }
        for (Map.Entry<Key, Counted> entry : over) {
            Key key = entry.getKey();
            if (entry.getValue().more > 0) {
                events.add(new Draft(
                        clock.instant(),
                        Kind.REFUSED,
                        key.serial(),
                        key.identity(),
                        "",
                        key.method(),
                        "",
                        key.reason() + ": " + entry.getValue().more + " more since " + entry.getValue().since,
                        entry.getValue().more));
            }
        }
    }
}
