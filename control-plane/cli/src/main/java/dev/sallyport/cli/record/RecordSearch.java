package dev.sallyport.cli.record;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditReader;
import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds records in the logs below a folder. */
record RecordSearch(Path folder) {
    /** A record is written within 10 ms of its answer; a loaded machine gets a second. */
    private static final Duration WRITTEN_WITHIN = Duration.ofSeconds(1);

    private static final Duration POLL = Duration.ofMillis(50);

    Recorded byId(String id) throws CliException, IOException {
        if (!Files.exists(folder)) {
            throw new CliException(
                    "--state: " + folder + ": not found (expected: a sidecar's state folder, or one above several)");
        }
        long end = System.nanoTime() + WRITTEN_WITHIN.toNanos();
        while (true) {
            try {
                Optional<AuditReader.StoredRecord> found = AuditReader.find(folder, id);
                boolean late = System.nanoTime() - end >= 0;
                // Of an intent the end may be on its way: it says more.
                if (found.isPresent() && (late || !found.get().intent())) {
                    return new Recorded(found.get());
                }
                if (late) {
                    throw new CliException("explain: " + Cut.of(id) + ": on no record below " + folder
                            + " (expected: the decisionId of a denial, or an audit.record.id)");
                }
            } catch (IOException halfWritten) {
                if (System.nanoTime() - end >= 0) {
                    throw halfWritten;
                }
            }
            pause();
        }
    }

    /** What the other side recorded of the same call: same trace, the service that was called, nearest in time. */
    Optional<Recorded> inboundOf(Recorded outbound) throws IOException {
        Optional<String> trace = outbound.text(AuditFields.TRACE_ID);
        Optional<String> service = outbound.text(AuditFields.UPSTREAM_SERVICE);
        if (trace.isEmpty() || service.isEmpty()) {
            return Optional.empty();
        }
        List<Recorded> inbound = new ArrayList<>();
        AuditReader.forEach(folder, stored -> {
            Recorded recorded = new Recorded(stored);
            if (recorded.inbound()
                    && !stored.intent()
                    && recorded.text(AuditFields.TRACE_ID).equals(trace)
                    && recorded.text(AuditFields.SERVICE).equals(service)) {
                inbound.add(recorded);
            }
        });
        Instant time = outbound.time();
        return inbound.stream()
                .min(Comparator.comparing(
                        recorded -> Duration.between(time, recorded.time()).abs()));
    }

    private static void pause() throws CliException {
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("explain: interrupted");
        }
    }
}
