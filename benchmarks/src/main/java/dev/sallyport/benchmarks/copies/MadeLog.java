package dev.sallyport.benchmarks.copies;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditLog;
import dev.sallyport.benchmarks.audit.SampleRecords;
import dev.sallyport.server.records.LogEntries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** A collected log in memory: records as a sidecar's writer leaves them, and a seal behind each {@value #BATCH}. */
public final class MadeLog implements LogEntries {
    private static final int BATCH = 500;

    private final List<byte[]> entries = new ArrayList<>();
    private final long bytes;

    /** {@code folder}: for the sidecar's log, and empty. */
    public MadeLog(Path folder, int records) throws IOException {
        SampleRecords samples = new SampleRecords();
        String stream;
        try (AuditLog log = AuditLog.open(folder, AuditLog.Settings.of("orders/i1"), Clock.systemUTC())) {
            stream = log.streamId();
            AuditLog.Appender appender = log.on(Runnable::run);
            for (int i = 0; i < records; i++) {
                while (!appender.append(samples.next())) {
                    Thread.onSpinWait(); // the ring is full for a moment
                }
            }
        }
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.filter(path -> path.toString().endsWith(".audit.jsonl"))
                    .sorted()
                    .toList();
        }
        for (Path file : files) {
            for (String line : Files.readAllLines(file, StandardCharsets.US_ASCII)) {
                if (line.startsWith("{")) {
                    add(line, stream);
                }
            }
        }
        bytes = entries.stream().mapToLong(entry -> entry.length).sum();
    }

    private void add(String line, String stream) {
        entries.add(line.getBytes(StandardCharsets.US_ASCII));
        if (entries.size() % (BATCH + 1) == BATCH) {
            String time = line.replaceFirst(".*?\"" + AuditFields.TIMESTAMP + "\":\"([0-9]+)\".*", "$1");
            entries.add(("{\"" + AuditFields.TIMESTAMP + "\":\"" + time + "\",\"" + AuditFields.EVENT_NAME + "\":\""
                            + AuditFields.EVENT_SEAL + "\",\"" + AuditFields.STREAM_ID + "\":\"" + stream + "\",\""
                            + AuditFields.RECORDS + "\":" + BATCH + "}")
                    .getBytes(StandardCharsets.US_ASCII));
        }
    }

    public long bytes() {
        return bytes;
    }

    @Override
    public long size() {
        return entries.size();
    }

    @Override
    public long first() {
        return 0;
    }

    @Override
    public List<byte[]> entries(long from, int max) {
        return entries.subList((int) from, (int) Math.min(entries.size(), from + max));
    }
}
