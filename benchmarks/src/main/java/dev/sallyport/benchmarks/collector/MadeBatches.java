package dev.sallyport.benchmarks.collector;

import dev.sallyport.audit.AuditLog;
import dev.sallyport.audit.AuditRecord;
import dev.sallyport.audit.ChainCheck;
import dev.sallyport.contract.SealedBatch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** One sidecar's log, written by the sidecar's own writer, cut into sealed batches. */
final class MadeBatches {
    /** Of a line's end: quote and brace. */
    private static final int TAIL = 2;

    private MadeBatches() {}

    /** In order; {@code perBatch} records each, as far as they fit into one. */
    static List<byte[]> make(Path folder, MadeMesh.Member member, int records, int perBatch, Random random)
            throws IOException {
        String stream;
        AuditLog.Settings settings = AuditLog.Settings.of(MadeMesh.SERVICE + "/" + member.instance());
        try (AuditLog log = AuditLog.open(folder, settings, Clock.systemUTC())) {
            stream = log.streamId();
            AuditLog.Appender appender = log.on(Runnable::run);
            for (int i = 0; i < records; i++) {
                while (!appender.append(record(i, random))) {
                    Thread.onSpinWait(); // the ring is full for a moment
                }
            }
        }
        List<String> lines = lines(folder);
        List<byte[]> batches = new ArrayList<>();
        String previous = ChainCheck.GENESIS;
        for (int from = 0; from < lines.size(); ) {
            int to = end(lines, from, perBatch);
            String head = hash(lines.get(to - 1));
            byte[] text = (String.join("\n", lines.subList(from, to)) + "\n").getBytes(StandardCharsets.US_ASCII);
            batches.add(SealedBatch.seal(
                            stream, from + 1, to, previous, head, text, Instant.now(), member.chainPem(), member.key())
                    .encode());
            previous = head;
            from = to;
        }
        return batches;
    }

    private static int end(List<String> lines, int from, int perBatch) {
        int bytes = 0;
        int to = from;
        while (to < lines.size() && to - from < perBatch) {
            bytes += lines.get(to).length() + 1;
            if (bytes > SealedBatch.LINES_BYTES_MAX) {
                break;
            }
            to++;
        }
        return to;
    }

    private static String hash(String line) {
        return line.substring(line.length() - TAIL - ChainCheck.GENESIS.length(), line.length() - TAIL);
    }

    private static List<String> lines(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.filter(path -> path.toString().endsWith(".audit.jsonl"))
                    .sorted()
                    .flatMap(MadeBatches::linesOf)
                    .toList();
        }
    }

    private static Stream<String> linesOf(Path file) {
        try {
            return Files.readString(file, StandardCharsets.US_ASCII).lines().filter(line -> line.startsWith("{"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** An ordinary request with a user: 900 bytes with its number and hashes. */
    private static AuditRecord record(int i, Random random) {
        AuditRecord record =
                new AuditRecord(AuditRecord.newId(Instant.now(), random), Instant.now(), AuditRecord.Direction.INBOUND);
        record.service = MadeMesh.SERVICE;
        record.peerAddress = "10.20.1." + (1 + i % 200);
        record.callerId = "spiffe://bench.example/sa/front";
        record.peerSerial = "5be3c18f27a94d60b1f20a7d3c41e295";
        record.tlsVersion = "1.3";
        record.tlsCipher = "TLS_AES_128_GCM_SHA256";
        record.method = "GET";
        record.authority = "orders";
        record.route = "read";
        record.template = "/orders/{id}";
        record.verdict = AuditRecord.Verdict.ALLOW;
        record.reason = "rule";
        record.rule = "front-reads";
        record.userIssuer = "https://idp.bench.example";
        record.userHash = "k1:9f86d081884c7d659a2feaa0c55ad015";
        record.revision = 42;
        record.policyDigest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        record.status = 200;
        record.responseBytes = 512 + i % 1000;
        record.durationMicros = 1800 + i % 700;
        record.processingMicros = 120;
        record.traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
        return record;
    }
}
