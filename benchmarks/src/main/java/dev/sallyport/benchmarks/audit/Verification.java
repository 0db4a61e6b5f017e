package dev.sallyport.benchmarks.audit;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditVerifier;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Path;
import java.time.Clock;

/** How fast a log is verified: by the CPU time of the one thread that does it. */
public final class Verification {
    private Verification() {}

    /** A closed log of so many records. */
    public static Path write(Path folder, int records) throws IOException, InterruptedException {
        SampleRecords samples = new SampleRecords();
        try (AuditLog log = AuditLog.open(folder, AuditLog.Settings.of("orders/verify"), Clock.systemUTC())) {
            AuditLog.Appender appender = log.on(Runnable::run);
            for (int i = 0; i < records; i++) {
                while (!appender.append(samples.next())) {
                    Thread.sleep(1);
                }
            }
        }
        return folder;
    }

    /** Records a second and core; IOException when the log does not hold. */
    public static double perSecond(Path folder) throws IOException {
        ThreadMXBean threads = ManagementFactory.getThreadMXBean();
        long before = threads.getCurrentThreadCpuTime();
        AuditVerifier.Report report = AuditVerifier.verify(folder);
        long nanos = threads.getCurrentThreadCpuTime() - before;
        if (report.bad().isPresent()) {
            throw new IOException(folder + ": " + report.bad().get().problem());
        }
        return report.records() / (nanos / 1e9);
    }
}
