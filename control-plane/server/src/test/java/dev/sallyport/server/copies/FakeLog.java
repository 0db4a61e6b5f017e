package dev.sallyport.server.copies;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.server.records.LogEntries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** A collected log in memory: batches of requests, each with its seal. */
final class FakeLog implements LogEntries {
    static final Instant NOON = Instant.parse("2026-03-02T12:00:00Z");

    private final List<byte[]> entries = new ArrayList<>();
    private volatile int size;
    volatile long first;
    volatile boolean failing;

    @Override
    public long size() {
        return size;
    }

    @Override
    public long first() {
        return first;
    }

    @Override
    public List<byte[]> entries(long from, int max) throws IOException {
        if (failing || from < first) {
            throw new IOException("entries from " + from + " are not there");
        }
        synchronized (entries) {
            return List.copyOf(entries.subList((int) from, (int) Math.min(entries.size(), from + max)));
        }
    }

    /** As texts, from index {@code from} on. */
    List<String> texts(int from) {
        synchronized (entries) {
            return entries.stream()
                    .skip(from)
                    .map(entry -> new String(entry, StandardCharsets.UTF_8))
                    .toList();
        }
    }

    /** {@code records} of {@code service/i1/log} and their seal; {@code path} goes into the JSON as it is. */
    FakeLog batch(String service, int records, String path) {
        synchronized (entries) {
            for (int i = 0; i < records; i++) {
                add(request(service, entries.size(), path));
            }
            add("{\"Timestamp\":\"" + nanos(entries.size()) + "\",\"EventName\":\"sallyport.audit.seal\",\""
                    + AuditFields.STREAM_ID + "\":\"" + service + "/i1/log\",\"" + AuditFields.RECORDS + "\":" + records
                    + "}");
        }
        return this;
    }

    FakeLog batch(String service, int records) {
        return batch(service, records, "/things");
    }

    static String nanos(long index) {
        return Long.toString(NOON.getEpochSecond() * 1_000_000_000 + index * 1_000_000 + 7);
    }

    static String request(String service, int index, String path) {
        return "{\"Timestamp\":\"" + nanos(index)
                + "\",\"EventName\":\"sallyport.request\",\"audit.schema.version\":\"2\","
                + "\"audit.record.id\":\"01J" + index + "\",\"sallyport.direction\":\"inbound\",\"service.name\":\""
                + service + "\",\"audit.actor.id\":\"spiffe://shop.example/sa/web\",\"http.request.method\":\"GET\","
                + "\"sallyport.route\":\"orders/read\",\"url.path\":\"" + path + "\",\"sallyport.authz.decision\":\""
                + (index % 5 == 0 ? "deny" : "allow") + "\",\"user.roles\":[\"a\",\"b\"],"
                + "\"sallyport.jwt.claims\":{\"tenant\":\"t\",\"tenant.x\":\"u\"},\"http.response.status_code\":200,"
                + "\"TraceId\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"audit.sequence.number\":" + (index + 1)
                + ",\"audit.sequence.previous_hash\":\"" + "0".repeat(64) + "\",\"audit.sequence.hash\":\""
                + HexFormat.of().toHexDigits(index).repeat(8) + "\"}";
    }

    FakeLog add(String entry) {
        synchronized (entries) {
            entries.add(entry.getBytes(StandardCharsets.UTF_8));
            size = entries.size();
        }
        return this;
    }
}
