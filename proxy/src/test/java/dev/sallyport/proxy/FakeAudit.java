package dev.sallyport.proxy;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditLog.Outcome;
import dev.sallyport.audit.AuditRecord;
import io.netty.channel.EventLoop;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A log in memory, whose disk answers as it is told. */
final class FakeAudit {
    /** What was to be durable, as it was at that moment; {@code disk} gives the disk's word late. */
    record Intent(
            String id,
            AuditRecord.@Nullable Phase phase,
            AuditRecord.@Nullable Verdict verdict,
            @Nullable String rule,
            @Nullable String traceId,
            Consumer<Outcome> disk) {}

    /** What the disk does with an intent. */
    enum Disk {
        WRITES,
        IS_FULL,
        FAILS,
        HANGS
    }

    final List<AuditRecord> records = new CopyOnWriteArrayList<>();
    final List<Intent> intents = new CopyOnWriteArrayList<>();
    volatile Disk disk = Disk.WRITES;
    /** Records are counted by their reasons and not kept. */
    volatile boolean forgetful;

    final Map<String, LongAdder> reasons = new ConcurrentHashMap<>();
    /** Gets a copy of everything: for what only stands in bytes. */
    private volatile @Nullable AuditLog log;

    /** Everything goes into a log in this folder too, which the caller closes. */
    AuditLog writeTo(Path folder) throws IOException {
        AuditLog opened =
                AuditLog.open(folder, AuditLog.Settings.of("orders/test").withSegmentBytes(1 << 20), Clock.systemUTC());
        log = opened;
        return opened;
    }

    AuditLog.Appender on(EventLoop loop) {
        return new AuditLog.Appender() {
            @Override
            public boolean append(AuditRecord record) {
                copy(record);
                if (!forgetful) {
                    return records.add(record);
                }
                reasons.computeIfAbsent(String.valueOf(record.reason), _ -> new LongAdder())
                        .increment();
                return true;
            }

            @Override
            public boolean append(AuditRecord record, AuditLog.Mode mode, Consumer<Outcome> onDurable) {
                copy(record);
                Consumer<Outcome> answer = outcome -> loop.execute(() -> onDurable.accept(outcome));
                intents.add(new Intent(record.id, record.phase, record.verdict, record.rule, record.traceId, answer));
                switch (disk) {
                    case WRITES -> answer.accept(Outcome.DURABLE);
                    case IS_FULL -> onDurable.accept(Outcome.REFUSED_FULL);
                    case FAILS -> answer.accept(Outcome.FAILED);
                    case HANGS -> {}
                }
                return disk != Disk.IS_FULL;
            }

            private void copy(AuditRecord record) {
                AuditLog copies = log;
                if (copies != null) {
                    copies.on(loop).append(record, AuditLog.Mode.BUFFERED, _ -> {});
                }
            }
        };
    }
}
