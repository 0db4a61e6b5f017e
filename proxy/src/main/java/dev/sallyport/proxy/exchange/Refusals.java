package dev.sallyport.proxy.exchange;

import dev.sallyport.audit.AuditRecord;
import java.time.Duration;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The quota of what a stranger can cause: refused handshakes and denials. Up to a rate each is on record; beyond it, once a minute for a source and a reason, the latest one is, and says for how many more it
 * stands. Without this whoever is refused often enough pushes out the records of those who are admitted. One event loop.
 */
final class Refusals {
    /** Of a source and a reason; whoever comes when there is no room is counted by the reason alone. */
    static final int SOURCES_MAX = 256;

    /** How many seconds' worth may come at once. */
    private static final int BURST_SECONDS = 10;

    private static final long REPORT_NANOS = Duration.ofMinutes(1).toNanos();

    private final long spacingNanos;
    private final long toleranceNanos;
    private final Map<Key, Source> sources = new HashMap<>();

    private record Key(String source, String reason) {}

    private static final class Source {
        /** By the generic cell rate algorithm (ITU-T I.371): in the past when the quota is whole. */
        private long arrival;

        private long since;
        private long kept;
        private @Nullable AuditRecord latest;
    }

    Refusals(int perSecond) {
        spacingNanos = Math.max(1, Duration.ofSeconds(1).toNanos() / perSecond);
        toleranceNanos = spacingNanos * (perSecond * (long) BURST_SECONDS - 1);
    }

    /** True: it goes on record by itself. False: it is kept here, and counted. {@code now}: {@link System#nanoTime}. */
    boolean takes(AuditRecord record, long now) {
        Source source = source(record, now);
        if (source.arrival - toleranceNanos - now <= 0) {
            source.arrival = Math.max(source.arrival, now) + spacingNanos;
            return true;
        }
        if (source.kept++ == 0) {
            source.since = now;
        }
        source.latest = lean(record);
        return false;
    }

    private Source source(AuditRecord record, long now) {
        String reason = String.valueOf(record.reason);
        Key key = new Key(sourceOf(record), reason);
        Source known = sources.get(key);
        if (known == null) {
            Key own = sources.size() < SOURCES_MAX ? key : new Key("", reason);
            known = sources.computeIfAbsent(own, _ -> fresh(now));
        }
        return known;
    }

    private static Source fresh(long now) {
        Source source = new Source();
        source.arrival = now;
        return source;
    }

    /** Who is proven, else from where: a port is as cheap as a connection. */
    private static String sourceOf(AuditRecord record) {
        if (record.callerId != null) {
            return record.callerId;
        }
        String address = record.peerAddress == null ? "" : record.peerAddress;
        return address.substring(0, Math.max(0, address.lastIndexOf(':')));
    }

    /** Without what can be large: it is kept for a minute. */
    private static AuditRecord lean(AuditRecord record) {
        record.inputs = null;
        record.keyedInputs = null;
        record.userClaims = null;
        record.userRoles = null;
        record.userScopes = null;
        return record;
    }

    /** Gives {@code log} what was kept for a minute, and forgets sources that have been quiet. */
    void report(long now, Consumer<AuditRecord> log) {
        Iterator<Source> each = sources.values().iterator();
        while (each.hasNext()) {
            Source source = each.next();
            if (source.latest != null && now - source.since >= REPORT_NANOS) {
                give(source, log);
            }
            if (source.latest == null && source.arrival - now <= 0) {
                each.remove();
            }
        }
    }

    /** Gives all that was kept. */
    void end(Consumer<AuditRecord> log) {
        sources.values().forEach(source -> give(source, log));
        sources.clear();
    }

    private static void give(Source source, Consumer<AuditRecord> log) {
        AuditRecord latest = source.latest;
        if (latest != null) {
            latest.repeats = source.kept - 1;
            source.latest = null;
            source.kept = 0;
            log.accept(latest);
        }
    }
}
