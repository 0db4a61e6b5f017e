package dev.sallyport.server.copies;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditReader;
import dev.sallyport.audit.export.ExportRecord;
import dev.sallyport.audit.tlog.TilePath;
import dev.sallyport.server.records.LogEntries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Reads the log in order, and says of each entry whose it is: the records of a sidecar's batch do not name their stream, the seal behind them does. Holds one bundle of the log. One
 * thread.
 */
final class Reading {
    /** Of entries in one batch; what is sent is about three times as large. Loki takes no request beyond 6 MB by default. */
    static final int BYTES_MAX = 1024 * 1024;

    /** A batch of a sidecar's has 1 MiB of lines of more than 64 bytes. */
    private static final int COVERED_MAX = 16 * 1024;

    private static final byte[] SEAL = ("\"" + AuditFields.EVENT_SEAL + "\"").getBytes(StandardCharsets.US_ASCII);
    /** The event stands behind the time. */
    private static final int EVENT_WITHIN = 96;

    private record Seal(long index, long covers, String stream, long nanos) {}

    private final LogEntries log;
    private Seal seal = new Seal(-1, 0, "", 0);
    private long chunkFrom;
    private List<byte[]> chunk = List.of();

    Reading(LogEntries log) {
        this.log = log;
    }

    /** From {@code from} on at most {@code max}, and no more than {@link #BYTES_MAX} unless one alone has more. Empty where the log ends. */
    List<ExportRecord> read(long from, int max) throws IOException {
        List<ExportRecord> records = new ArrayList<>();
        long bytes = 0;
        long size = log.size();
        for (long index = from; index < size && records.size() < max; index++) {
            byte[] entry = entry(index);
            bytes += entry.length;
            if (bytes > BYTES_MAX && !records.isEmpty()) {
                break;
            }
            Seal behind = sealFor(index, size);
            boolean covered = index >= behind.index() - behind.covers()
                    && !behind.stream().isEmpty();
            records.add(ExportRecord.of(entry, index, covered ? behind.stream() : "", covered ? behind.nanos() : 0));
        }
        return records;
    }

    private byte[] entry(long index) throws IOException {
        if (index < chunkFrom || index >= chunkFrom + chunk.size()) {
            chunk = log.entries(index, TilePath.WIDTH - (int) (index % TilePath.WIDTH));
            chunkFrom = index;
            if (chunk.isEmpty()) {
                throw new IOException("entry " + index + " is not in the log");
            }
        }
        return chunk.get((int) (index - chunkFrom));
    }

    /** The first one from {@code index} on. */
    private Seal sealFor(long index, long size) throws IOException {
        if (seal.index() < index) {
            long end = Math.min(size, index + COVERED_MAX);
            long at = index;
            while (at < end && !isSeal(entry(at))) {
                at++;
            }
            seal = at < end ? parse(at) : new Seal(end - 1, 0, "", 0);
        }
        return seal;
    }

    private static boolean isSeal(byte[] entry) {
        int end = Math.min(entry.length - SEAL.length, EVENT_WITHIN);
        for (int at = 0; at <= end; at++) {
            if (entry[at] == '"' && Arrays.equals(entry, at, at + SEAL.length, SEAL, 0, SEAL.length)) {
                return true;
            }
        }
        return false;
    }

    private Seal parse(long index) throws IOException {
        Map<String, Object> fields = AuditReader.fields(entry(index)).orElse(Map.of());
        ExportRecord record = new ExportRecord(new byte[0], index, "", 0, fields);
        long covers = fields.get(AuditFields.RECORDS) instanceof Long number ? number : 0;
        return new Seal(
                index,
                Math.min(covers, COVERED_MAX),
                record.text(AuditFields.STREAM_ID).orElse(""),
                record.nanos());
    }
}
