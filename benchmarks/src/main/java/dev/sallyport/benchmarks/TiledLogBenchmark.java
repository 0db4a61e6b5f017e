package dev.sallyport.benchmarks;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.tlog.BadLeafException;
import dev.sallyport.audit.tlog.Checkpoint;
import dev.sallyport.audit.tlog.FolderTileStore;
import dev.sallyport.audit.tlog.KeyType;
import dev.sallyport.audit.tlog.LeafReader;
import dev.sallyport.audit.tlog.LogReport;
import dev.sallyport.audit.tlog.NoteSigner;
import dev.sallyport.audit.tlog.SignedNote;
import dev.sallyport.audit.tlog.TiledLog;
import dev.sallyport.audit.tlog.TiledLogVerifier;
import dev.sallyport.audit.tlog.Trust;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** The tiled log on this machine's disk, one thread: records a second appended, durable after each call, and records a second verified, with the streams and their seals. */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(1)
public class TiledLogBenchmark {
    private static final int RECORDS = 100_000;
    private static final int APPENDED = 5_000;
    private static final HexFormat HEX = HexFormat.of();
    private static final NoteSigner KEY = NoteSigner.generate("audit.bench.example/bench", KeyType.ED25519);

    /** Bytes of a record; batches hold as many as are shipped in a busy second. */
    @Param("700")
    public int recordBytes;

    /** Records under one seal. */
    @Param({"100", "500"})
    public int batch;

    private final Seals seals = new Seals();
    private Path folder;
    private List<byte[]> leaves;
    private FolderTileStore store;
    private TiledLog log;
    private int at;

    /** A log to verify, and another one to append to. */
    @Setup
    public void prepare() throws IOException {
        folder = Files.createTempDirectory("tiled-log-benchmark");
        leaves = seals.leaves(recordBytes, batch);
        try (FolderTileStore whole = FolderTileStore.open(folder.resolve("whole"))) {
            TiledLog tiled = TiledLog.open(whole);
            tiled.append(leaves);
            String text = new Checkpoint(KEY.verifier().name(), tiled.tree()).text();
            whole.write(
                    "checkpoint",
                    SignedNote.sign(text, List.of(KEY), Instant.EPOCH).toBytes());
        }
    }

    /** Begins anew, so that the disk is not filled. */
    @Setup(Level.Iteration)
    public void empty() throws IOException {
        store = FolderTileStore.open(folder.resolve("growing"));
        log = TiledLog.open(store);
    }

    /** What an iteration wrote. */
    @TearDown(Level.Iteration)
    public void forget() throws IOException {
        store.close();
        remove(folder.resolve("growing"));
    }

    /** Everything. */
    @TearDown
    public void remove() throws IOException {
        remove(folder);
    }

    private static void remove(Path below) throws IOException {
        try (Stream<Path> files = Files.walk(below)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }

    /** One call, 5,000 records, hashed, written and forced. */
    @Benchmark
    @OperationsPerInvocation(APPENDED)
    public long append() throws IOException {
        at = at + APPENDED > RECORDS ? 0 : at;
        long first = log.append(leaves.subList(at, at + APPENDED));
        at += APPENDED;
        return first;
    }

    /** The whole log: checkpoint, entries, tiles, root, chains, seals. */
    @Benchmark
    @OperationsPerInvocation(RECORDS)
    public LogReport verify() throws IOException {
        LogReport report = TiledLogVerifier.verify(
                FolderTileStore.reading(folder.resolve("whole")), Trust.operator(List.of(KEY.verifier())), seals);
        if (report.bad().isPresent() || report.records() != RECORDS) {
            throw new IllegalStateException(report.toString());
        }
        return report;
    }

    /** One stream; each seal is an ECDSA signature, verified when it is read. */
    private static final class Seals implements LeafReader {
        private final KeyPair keys;

        Seals() {
            try {
                KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
                generator.initialize(256);
                keys = generator.generateKeyPair();
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        List<byte[]> leaves(int bytes, int batch) {
            List<byte[]> leaves = new ArrayList<>();
            String head = "0".repeat(64);
            String before = head;
            for (int number = 1; number <= RECORDS; number++) {
                String text = "{\"Timestamp\":\"1767225600000000000\",\"EventName\":\"" + AuditFields.EVENT_REQUEST
                        + "\",\"x\":\"" + "x".repeat(Math.max(0, bytes - 350)) + "\",\"" + AuditFields.NUMBER + "\":"
                        + number
                        + ",\"" + AuditFields.PREVIOUS_HASH + "\":\"" + head + "\"";
                head = chained(head, text);
                leaves.add(
                        (text + ",\"" + AuditFields.HASH + "\":\"" + head + "\"}").getBytes(StandardCharsets.US_ASCII));
                if (number % batch == 0) {
                    leaves.add(seal("s " + (number - batch + 1) + " " + number + " " + before + " " + head));
                    before = head;
                }
            }
            return leaves;
        }

        private static String chained(String head, String text) {
            try {
                MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
                sha256.update(HEX.parseHex(head));
                return HEX.formatHex(sha256.digest(text.getBytes(StandardCharsets.US_ASCII)));
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        private byte[] seal(String sealed) {
            try {
                Signature signing = Signature.getInstance("SHA256withECDSA");
                signing.initSign(keys.getPrivate());
                signing.update(sealed.getBytes(StandardCharsets.US_ASCII));
                return ("{\"EventName\":\"" + AuditFields.EVENT_SEAL + "\",\"seal\":\"" + sealed + " "
                                + Base64.getEncoder().encodeToString(signing.sign()) + "\"}")
                        .getBytes(StandardCharsets.US_ASCII);
            } catch (GeneralSecurityException e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Sealed seal(long index, byte[] leaf) throws BadLeafException {
            String text = new String(leaf, StandardCharsets.US_ASCII);
            String sealed = text.substring(text.indexOf("\"seal\":\"") + 8, text.lastIndexOf(' '));
            String[] parts = sealed.split(" ", -1);
            try {
                Signature verifying = Signature.getInstance("SHA256withECDSA");
                verifying.initVerify(keys.getPublic());
                verifying.update(sealed.getBytes(StandardCharsets.US_ASCII));
                if (!verifying.verify(
                        Base64.getDecoder().decode(text.substring(text.lastIndexOf(' ') + 1, text.length() - 2)))) {
                    throw new BadLeafException("seal");
                }
            } catch (GeneralSecurityException e) {
                throw new BadLeafException("seal");
            }
            return new Sealed(
                    parts[0], parts[0], Long.parseLong(parts[1]), Long.parseLong(parts[2]), parts[3], parts[4]);
        }

        @Override
        public OptionalLong other(byte[] leaf) {
            return OptionalLong.empty();
        }
    }
}
