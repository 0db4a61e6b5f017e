package dev.sallyport.server.collector;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.ChainCheck;
import dev.sallyport.contract.SealedBatch;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A sidecar's log as a sidecar writes it, and batches of it, sealed as a sidecar seals them. */
public final class TestLog {
    private static final Pattern HASH = Pattern.compile("\"audit.sequence.hash\":\"([0-9a-f]{64})\"}$");

    private static final String PREVIOUS = ",\"audit.sequence.previous_hash\":\"";
    private static final int SEGMENT_BYTES = 1024 * 1024;

    public final String stream;
    private final Path folder;

    private final List<byte[]> lines = new ArrayList<>();
    private long skippedAfter = Long.MAX_VALUE;
    private long skipped;

    private TestLog(Path folder, String stream) {
        this.folder = folder;
        this.stream = stream;
    }

    /** One with a header, {@code records} records and an end. */
    public static TestLog write(Path folder, String stream, int records) throws IOException {
        TestLog log = new TestLog(folder, stream);
        log.more(records);
        return log;
    }

    /** Opens it again for so many more. */
    public void more(int records) throws IOException {
        String written;
        AuditLog.Settings settings = AuditLog.Settings.of("test").withSegmentBytes(SEGMENT_BYTES);
        try (AuditLog log = AuditLog.open(folder, settings, Clock.systemUTC())) {
            written = log.streamId();
            AuditLog.Appender appender = log.on(Runnable::run);
            for (int i = 0; i < records; i++) {
                appender.append(record("/things/" + i));
            }
        }
        lines.clear();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(path -> path.toString().endsWith(".audit.jsonl"))
                    .sorted()
                    .toList()) {
                String text = Files.readString(file, StandardCharsets.US_ASCII);
                text.lines()
                        .filter(line -> line.startsWith("{"))
                        .forEach(line -> lines.add(chained(line.replace(written, stream))));
            }
        }
    }

    /** The same after a crash that may have taken the numbers of so many: the new header says so. Lines go on being counted without these. */
    public void moreAfterCrash(int records, int numbers) throws IOException {
        int before = lines.size();
        skippedAfter = before;
        more(records);
        skipped = numbers;
        List<byte[]> after = List.copyOf(lines.subList(before, lines.size()));
        lines.subList(before, lines.size()).clear();
        for (byte[] line : after) {
            long place = lines.size() + 1L;
            String number = "\"audit.sequence.number\":";
            String said = place == skippedAfter + 1 ? "\"sallyport.audit.skipped_numbers\":" + numbers + "," : "";
            lines.add(chained(new String(line, StandardCharsets.US_ASCII)
                    .replace(number + place + ",", said + number + number(place) + ",")));
        }
    }

    private long number(long place) {
        return place > skippedAfter ? place + skipped : place;
    }

    /** A log gives itself a name that nobody chooses; under one of our choice the same lines need a chain of their own. */
    private byte[] chained(String line) {
        String previous = lines.isEmpty() ? "0".repeat(64) : hash(lines.size());
        String body = line.substring(0, line.indexOf(PREVIOUS)) + PREVIOUS + previous + '"';
        MessageDigest sha256 = TestLines.sha256();
        sha256.update(HexFormat.of().parseHex(previous));
        String hash = HexFormat.of().formatHex(sha256.digest(body.getBytes(StandardCharsets.US_ASCII)));
        return (body + ",\"audit.sequence.hash\":\"" + hash + "\"}").getBytes(StandardCharsets.US_ASCII);
    }

    private static AuditRecord record(String path) {
        AuditRecord record = new AuditRecord(
                AuditRecord.newId(Instant.now(), new Random()), Instant.now(), AuditRecord.Direction.INBOUND);
        record.method = "GET";
        record.path = path;
        record.verdict = AuditRecord.Verdict.ALLOW;
        return record;
    }

    /** Numbers begin at 1. */
    public byte[] line(long number) {
        return lines.get((int) number - 1);
    }

    public long last() {
        return lines.size();
    }

    private String hash(long number) {
        if (number == 0) {
            return ChainCheck.GENESIS;
        }
        Matcher matcher = HASH.matcher(new String(line(number), StandardCharsets.US_ASCII));
        if (!matcher.find()) {
            throw new AssertionError("no hash in record " + number);
        }
        return matcher.group(1);
    }

    byte[] text(long first, long last) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (long number = first; number <= last; number++) {
            text.writeBytes(line(number));
            text.write('\n');
        }
        return text.toByteArray();
    }

    /** Records {@code first} to {@code last}, sealed. */
    public byte[] batch(TestMembers.Member by, long first, long last) {
        return batch(by, first, last, Instant.now());
    }

    byte[] batch(TestMembers.Member by, long first, long last, Instant at) {
        return sealed(by, first, last, text(first, last), at).encode();
    }

    SealedBatch sealed(TestMembers.Member by, long first, long last, byte[] text, Instant at) {
        return SealedBatch.seal(
                stream, number(first), number(last), hash(first - 1), hash(last), text, at, by.chainPem(), by.key());
    }
}
