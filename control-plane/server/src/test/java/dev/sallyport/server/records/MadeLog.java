package dev.sallyport.server.records;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.RecordField;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A collected log in memory. */
final class MadeLog implements LogEntries {
    static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");
    private static final ObjectMapper JSON = new ObjectMapper();

    final List<byte[]> entries = new ArrayList<>();
    long first;
    /** What {@link #entries} does next, instead of answering. */
    volatile Optional<IOException> failure = Optional.empty();

    @Override
    public long size() {
        return entries.size();
    }

    @Override
    public long first() {
        return first;
    }

    @Override
    public List<byte[]> entries(long from, int max) throws IOException {
        if (failure.isPresent()) {
            throw failure.get();
        }
        if (from < first) {
            throw new IOException(from + " is pruned");
        }
        return entries.subList((int) from, (int) Math.min(entries.size(), from + max));
    }

    /** A request at {@code NOON} plus so many seconds. */
    MadeLog request(long second, Map<String, String> members) {
        ObjectNode json = JSON.createObjectNode();
        json.put(AuditFields.TIMESTAMP, NOON.plusSeconds(second).toEpochMilli() + "000000");
        json.put(AuditFields.EVENT_NAME, AuditFields.EVENT_REQUEST);
        json.put(AuditFields.DIRECTION, "inbound");
        members.forEach(json::put);
        json.put(AuditFields.NUMBER, entries.size() + 1);
        return raw(json.toString());
    }

    MadeLog seal(String stream, int records) {
        return raw(JSON.createObjectNode()
                .put(AuditFields.TIMESTAMP, NOON.toEpochMilli() + "000000")
                .put(AuditFields.EVENT_NAME, "sallyport.audit.seal")
                .put(AuditFields.STREAM_ID, stream)
                .put(AuditFields.RECORDS, records)
                .toString());
    }

    MadeLog raw(String entry) {
        entries.add(entry.getBytes(StandardCharsets.UTF_8));
        return this;
    }

    /** All of it is in {@code index} afterwards. */
    void into(RecordIndex index) throws IOException {
        new RecordFollower(index, this).catchUp();
    }

    static RecordQuery having(RecordField field, String... values) {
        return RecordQuery.ALL.with(field, Set.of(values));
    }

    static List<Long> indexes(RecordIndex index, RecordQuery query) throws IOException {
        return index.search(query).records().stream().map(Found::index).toList();
    }
}
