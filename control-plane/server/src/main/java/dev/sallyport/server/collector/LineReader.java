package dev.sallyport.server.collector;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.ChainCheck;
import dev.sallyport.server.collector.BatchRefusedException.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/**
 * Reads lines of a sidecar's log exactly as strictly as the verifiers do ({@link ChainCheck}): a line that they refuse would make the whole log one that does not verify, for good.
 * One thread.
 */
final class LineReader {
    /** What a bundle of a tiled log can hold of one entry. */
    static final int LINE_BYTES_MAX = 65_535;

    static final int HASH_DIGITS = 64;
    /** The previous hash of a stream's first record. */
    static final String GENESIS = "0".repeat(HASH_DIGITS);

    private static final byte[] TIME = ("{\"" + AuditFields.TIMESTAMP + "\":\"").getBytes(StandardCharsets.US_ASCII);
    private static final byte[] EVENT =
            ("\",\"" + AuditFields.EVENT_NAME + "\":\"").getBytes(StandardCharsets.US_ASCII);
    private static final Set<String> COLLECTORS_OWN =
            Set.of(AuditFields.EVENT_SEAL, AuditFields.EVENT_CA, AuditFields.EVENT_PRUNE, AuditFields.EVENT_FINDING);

    private final ChainCheck chain = ChainCheck.anywhere();

    /** Without its line feed; {@code place} is how a refusal names it. Each line must continue the one that was read before, if any. */
    RecordLine read(byte[] line, String place) throws BatchRefusedException {
        if (line.length > LINE_BYTES_MAX) {
            throw refused(place, line.length + " bytes (expected: at most " + LINE_BYTES_MAX + ")");
        }
        Optional<String> problem = chain.problem(line, 0, line.length);
        if (problem.isPresent()) {
            throw refused(place, problem.get());
        }
        String event = chain.event();
        // A sidecar that could write them would put seals, findings and prune receipts into the log in the collector's
        // name.
        if (COLLECTORS_OWN.contains(event)) {
            throw refused(place, event + " (expected: an event of a sidecar)");
        }
        if (chain.number() < 1 || !beginsWithEvent(line)) {
            throw refused(place, "without number, or does not begin with its time and event");
        }
        return new RecordLine(
                line,
                chain.number(),
                chain.previousHash(),
                chain.head(),
                RecordLine.phaseOf(event, chain.phase()),
                chain.streamId(),
                chain.skipped());
    }

    /** First its time, then its event: as every log writes it, and where those look for it who do not read the whole line. */
    private static boolean beginsWithEvent(byte[] line) {
        int at = TIME.length;
        if (line.length < at || !Arrays.equals(line, 0, at, TIME, 0, at)) {
            return false;
        }
        while (at < line.length && line[at] >= '0' && line[at] <= '9') {
            at++;
        }
        return at + EVENT.length < line.length && Arrays.equals(line, at, at + EVENT.length, EVENT, 0, EVENT.length);
    }

    static BatchRefusedException refused(String place, String problem) {
        return new BatchRefusedException(Reason.CHAIN, place + ": " + problem);
    }
}
