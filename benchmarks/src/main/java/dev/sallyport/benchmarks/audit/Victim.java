package dev.sallyport.benchmarks.audit;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.benchmarks.load.EventLoop;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Clock;

/**
 * A process that is killed: waiters on one event loop append required records and say on standard output which ones are durable, one id a line, while buffered ones go beside them. It
 * never ends by itself, but with its standard output.
 */
public final class Victim {
    private static final long SEGMENT_BYTES = 256 * 1024;

    private final AuditLog.Appender appender;
    private final SampleRecords samples = new SampleRecords();
    private final OutputStream out;
    private final String name;
    private long number;

    private Victim(AuditLog log, EventLoop loop, OutputStream out, String name) {
        this.appender = log.on(loop::execute);
        this.out = out;
        this.name = name;
    }

    /** Folder, word that begins every id, waiters. */
    public static void main(String[] args) throws IOException {
        AuditLog log = AuditLog.open(Path.of(args[0]), settings(), Clock.systemUTC());
        EventLoop loop = new EventLoop();
        Victim victim = new Victim(log, loop, new java.io.FileOutputStream(java.io.FileDescriptor.out), args[1]);
        for (int i = Integer.parseInt(args[2]); i > 0; i--) {
            loop.execute(victim::next);
        }
    }

    /** Small segments: it is to be killed between two of them, too. */
    static AuditLog.Settings settings() {
        return AuditLog.Settings.of("orders/victim").withSegmentBytes(SEGMENT_BYTES);
    }

    private void next() {
        String id = name + "-" + number++;
        AuditRecord record = samples.next(id);
        record.phase = AuditRecord.Phase.INTENT;
        appender.append(record, AuditLog.Mode.REQUIRED, outcome -> {
            if (outcome == AuditLog.Outcome.DURABLE) {
                say(id);
            }
            next();
        });
        if (number % 4 == 0) {
            appender.append(samples.next());
        }
    }

    private void say(String id) {
        try {
            out.write((id + "\n").getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            Runtime.getRuntime().halt(1); // Whoever started us has gone.
        }
    }
}
