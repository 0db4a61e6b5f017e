package dev.sallyport.audit.tlog;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.ChainCheck;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;

/**
 * The streams inside a log: a batch is consecutive records of one sidecar, each continuing the hash of the one before, and behind them the seal that names the stream and covers them. A stream is one
 * identity's from its first seal on.
 * Memory is bounded by the number of streams. One thread.
 */
final class StreamChecks {
    private static final byte[] SEAL = RecordLine.quoted(AuditFields.EVENT_SEAL);
    private static final byte[] LOG = RecordLine.quoted(AuditFields.EVENT_LOG);
    private static final byte[] INTENT = RecordLine.quoted(AuditFields.EVENT_INTENT);
    private static final byte[] STREAM_KEY =
            ("\"" + AuditFields.STREAM_ID + "\":\"").getBytes(StandardCharsets.US_ASCII);
    private static final HexFormat HEX = HexFormat.of();

    private final LeafReader leaves;
    private final RecordLine line = new RecordLine();
    private final Map<String, LogReport.Stream> streams = new TreeMap<>();
    /** SPIFFE IDs, by stream. */
    private final Map<String, String> sealers = new HashMap<>();

    private final List<LogReport.Gap> gaps = new ArrayList<>();
    private Run run = new Run();
    private long records;
    private long requests;
    private long prunedBelow;

    /** The records since the last seal; whose they are, the next one says. */
    private static final class Run {
        final byte[] head = new byte[Hash.BYTES];
        String previousHash = "";
        String headerOf = "";
        long first;
        long last;
        long count;
        final List<long[]> skipped = new ArrayList<>();
    }

    StreamChecks(LeafReader leaves) {
        this.leaves = leaves;
    }

    /** The next leaf, {@code index}. {@code pruned}: entries before it are gone, so that a stream may begin anywhere. */
    void leaf(long index, byte[] bytes, int from, int to, boolean pruned) throws BadLeafException {
        if (line.read(bytes, from, to)) {
            record(bytes, from, to);
            return;
        }
        byte[] leaf = Arrays.copyOfRange(bytes, from, to);
        if (RecordLine.isEvent(leaf, 0, leaf.length, SEAL)) {
            seal(leaves.seal(index, leaf), pruned);
        } else {
            if (run.count > 0) {
                throw new BadLeafException("the records before it have no seal");
            }
            OptionalLong below = leaves.other(leaf);
            prunedBelow = Math.max(prunedBelow, below.orElse(0));
        }
    }

    private void record(byte[] bytes, int from, int to) throws BadLeafException {
        if (!line.holds(bytes, from, to)) {
            throw new BadLeafException(
                    "record " + line.number + ": its hash is not that of its bytes and the hash before");
        }
        if (run.count == 0) {
            run.first = line.number;
            run.previousHash = HEX.formatHex(line.previous);
        } else if (!Arrays.equals(line.previous, run.head)) {
            throw new BadLeafException("record " + line.number + ": does not follow record " + run.last
                    + " before it (another previous hash)");
        } else if (line.number <= run.last) {
            throw new BadLeafException("record " + line.number + " after record " + run.last);
        } else if (line.number > run.last + 1) {
            run.skipped.add(new long[] {run.last + 1, line.number - 1});
        }
        boolean ofLog = RecordLine.isEvent(bytes, from, to, LOG);
        if (ofLog) {
            header(bytes, from, to);
        }
        run.last = line.number;
        run.count++;
        System.arraycopy(line.hash, 0, run.head, 0, Hash.BYTES);
        requests += ofLog || RecordLine.isEvent(bytes, from, to, INTENT) ? 0 : 1;
    }

    /** A header names its stream: records of one sidecar must not pass for those of another. */
    private void header(byte[] bytes, int from, int to) throws BadLeafException {
        for (int at = from; at < to - STREAM_KEY.length; at++) {
            if (bytes[at] == '"'
                    && Arrays.equals(bytes, at, at + STREAM_KEY.length, STREAM_KEY, 0, STREAM_KEY.length)) {
                int name = at + STREAM_KEY.length;
                int end = name;
                while (end < to && bytes[end] != '"') {
                    end++;
                }
                String stream = new String(bytes, name, end - name, StandardCharsets.US_ASCII);
                if (!run.headerOf.isEmpty() && !run.headerOf.equals(stream)) {
                    throw new BadLeafException("record " + line.number + ": a header of another stream than before");
                }
                run.headerOf = stream;
                return;
            }
        }
    }

    private void seal(LeafReader.Sealed seal, boolean pruned) throws BadLeafException {
        sealer(seal);
        if (run.count == 0 && pruned && streams.isEmpty()) {
            // All that it covers was pruned: it tells where the stream goes on.
            streams.put(
                    seal.stream(), new LogReport.Stream(seal.stream(), seal.last() + 1, seal.last(), 0, seal.head()));
            return;
        }
        if (run.count == 0) {
            throw new BadLeafException("a seal of " + seal.stream() + " without records before it");
        }
        String head = HEX.formatHex(run.head);
        if (run.last != seal.last() || !head.equals(seal.head())) {
            throw new BadLeafException("a seal up to record " + seal.last() + " of " + seal.stream()
                    + ", which is not what stands before it (record " + run.last + ")");
        }
        boolean whole = seal.first() == run.first && seal.previousHash().equals(run.previousHash);
        if (!whole && seal.first() >= run.first) {
            throw new BadLeafException("a seal from record " + seal.first() + " of " + seal.stream()
                    + ", but its records begin at " + run.first);
        }
        if (!run.headerOf.isEmpty() && !run.headerOf.equals(seal.stream())) {
            throw new BadLeafException("a seal of " + seal.stream() + " over records of another stream");
        }
        LogReport.Stream before = streams.get(seal.stream());
        if (before == null) {
            begin(seal, pruned);
        } else {
            goOn(before);
        }
        run.skipped.forEach(skip -> gaps.add(new LogReport.Gap(seal.stream(), skip[0], skip[1], true)));
        long first = before == null ? run.first : before.first();
        long count = run.count + (before == null ? 0 : before.records());
        streams.put(seal.stream(), new LogReport.Stream(seal.stream(), first, run.last, count, head));
        records += run.count;
        run = new Run();
    }

    /** Or whoever has the log's key and the SVID of any one workload could go on with another's stream as they like. */
    private void sealer(LeafReader.Sealed seal) throws BadLeafException {
        String first = sealers.computeIfAbsent(seal.stream(), _ -> seal.identity());
        if (!first.equals(seal.identity())) {
            throw new BadLeafException("a seal of " + seal.stream() + " by " + seal.identity() + " (expected: by "
                    + first + ", as before)");
        }
    }

    private void begin(LeafReader.Sealed seal, boolean pruned) throws BadLeafException {
        if (run.first == 1 && !run.previousHash.equals(ChainCheck.GENESIS)) {
            throw new BadLeafException("record 1 of " + seal.stream() + ": a hash before it (expected: zeros)");
        }
        if (run.first > 1 && !pruned) {
            gaps.add(new LogReport.Gap(seal.stream(), 1, run.first - 1, run.previousHash.equals(ChainCheck.GENESIS)));
        }
    }

    private void goOn(LogReport.Stream before) throws BadLeafException {
        boolean follows = before.head().equals(run.previousHash);
        if (run.first <= before.last()) {
            throw new BadLeafException("record " + run.first + " of " + before.name()
                    + ": a second one (the stream is at " + before.last() + " already)");
        }
        if (run.first == before.last() + 1 && !follows) {
            throw new BadLeafException("record " + run.first + " of " + before.name() + ": does not follow record "
                    + before.last() + " (another previous hash)");
        }
        if (run.first > before.last() + 1) {
            gaps.add(new LogReport.Gap(before.name(), before.last() + 1, run.first - 1, follows));
        }
    }

    /** At the end of the log; {@code pruned}: so many leaves are gone. */
    void end(long pruned) throws BadLeafException {
        leaves.end();
        if (run.count > 0) {
            throw new BadLeafException("the log ends after record " + run.last + ", which has no seal");
        }
        if (pruned > prunedBelow) {
            throw new BadLeafException("the first " + pruned + " entries are gone, and no receipt in the log says so"
                    + " (expected: one of " + prunedBelow + " entries at most)");
        }
    }

    long records() {
        return records;
    }

    long requests() {
        return requests;
    }

    List<LogReport.Stream> streams() {
        return List.copyOf(streams.values());
    }

    List<LogReport.Gap> gaps() {
        return List.copyOf(gaps);
    }
}
