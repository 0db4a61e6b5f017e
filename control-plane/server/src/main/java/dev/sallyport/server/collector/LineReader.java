package dev.sallyport.server.collector;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.ChainCheck;
import dev.sallyport.audit.tlog.TiledLog;
import dev.sallyport.server.collector.BatchRefusedException.Reason;
import java.util.Optional;
import java.util.Set;

/**
 * Reads lines of a sidecar's log exactly as strictly as the verifiers do ({@link ChainCheck}): a line that they refuse would make the whole log one that does not verify, for good.
 * One thread.
 */
final class LineReader {
    private static final Set<String> COLLECTORS_OWN =
            Set.of(AuditFields.EVENT_SEAL, AuditFields.EVENT_CA, AuditFields.EVENT_PRUNE, AuditFields.EVENT_FINDING);

    private final ChainCheck chain = ChainCheck.anywhere();

    /** Without its line feed; {@code place} is how a refusal names it. Each line must continue the one that was read before, if any. */
    RecordLine read(byte[] line, String place) throws BatchRefusedException {
        if (line.length > TiledLog.ENTRY_BYTES_MAX) {
            throw refused(place, line.length + " bytes (expected: at most " + TiledLog.ENTRY_BYTES_MAX + ")");
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
        if (chain.number() < 1 || LeafText.eventAt(line) < 0) {
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

    static BatchRefusedException refused(String place, String problem) {
        return new BatchRefusedException(Reason.CHAIN, place + ": " + problem);
    }
}
