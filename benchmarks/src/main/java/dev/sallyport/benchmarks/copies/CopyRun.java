package dev.sallyport.benchmarks.copies;

import com.sun.management.OperatingSystemMXBean;
import dev.sallyport.audit.export.ExportLabels;
import dev.sallyport.benchmarks.kernel.ThreadClock;
import dev.sallyport.server.copies.Copies;
import dev.sallyport.server.copies.CopySettings;
import dev.sallyport.server.copies.CopyStatus;
import dev.sallyport.server.fetch.Fetch;
import dev.sallyport.server.http.EventLoops;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoopGroup;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/** One copy of a whole log, from its first entry until the cursor on the disk is behind its last. */
public final class CopyRun {
    private static final double NANOS = 1e9;
    private static final int LOOK_MILLIS = 2;
    private static final int MEBIBYTES = 64;
    private static final int FILES = 100;

    /** {@code bytesOut}: of bodies; 0 for files. {@code cpuSeconds}: of the whole process but the sink's thread. */
    public record Result(long records, long bytesOut, double seconds, double cpuSeconds) {
        public double perSecond() {
            return records / seconds;
        }

        /** With one core for everything: reading, mapping, sending, the cursor. */
        public double perCpuSecond() {
            return records / cpuSeconds;
        }
    }

    private CopyRun() {}

    /** In {@code folder}, which must be empty. */
    public static Result run(Path folder, CopySettings.Kind kind, MadeLog log)
            throws IOException, InterruptedException {
        EventLoopGroup loops = EventLoops.of(1, "http");
        try (EverySink sink = new EverySink();
                Fetch fetch = new Fetch(loops);
                Copies copies = Copies.of(
                        List.of(settings(kind, sink, folder)),
                        folder.resolve("cursors"),
                        log,
                        fetch,
                        Clock.systemUTC(),
                        new SimpleMeterRegistry())) {
            long cpu = cpu();
            long begun = System.nanoTime();
            copies.start();
            CopyStatus status = copies.status().getFirst();
            while (status.next() < log.size()) {
                if (status.problem().isPresent() || status.refused() > 0) {
                    throw new IOException(kind.word() + ": " + status);
                }
                Thread.sleep(LOOK_MILLIS);
                status = copies.status().getFirst();
            }
            double seconds = (System.nanoTime() - begun) / NANOS;
            return new Result(log.size(), sink.bytes(), seconds, (cpu() - cpu) / NANOS);
        } finally {
            loops.shutdownGracefully();
        }
    }

    private static CopySettings settings(CopySettings.Kind kind, EverySink sink, Path folder) {
        CopySettings.Place place = kind == CopySettings.Kind.LINES || kind == CopySettings.Kind.OCSF
                ? new CopySettings.Files(folder.resolve("files"), MEBIBYTES, FILES)
                : new CopySettings.Web(sink.address(), Optional.empty(), List.of(), "audit");
        return new CopySettings("bench", kind, place, false, ExportLabels.NONE);
    }

    private static long cpu() throws IOException {
        var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        return system.getProcessCpuTime()
                - ThreadClock.nanos(ProcessHandle.current().pid(), EverySink.THREAD);
    }
}
