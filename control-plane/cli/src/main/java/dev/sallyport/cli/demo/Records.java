package dev.sallyport.cli.demo;

import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.AuditReader;
import dev.sallyport.cli.CliException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** What the sidecars have on record, read from their logs while they write. */
final class Records {
    /** Buffered records are written within 10 ms, and two cores may be busy. */
    private static final Duration LIMIT = Duration.ofSeconds(5);

    private static final String FIRST_SEGMENT = "00000001.audit.jsonl";

    private final DemoFolder folder;

    Records(DemoFolder folder) {
        this.folder = folder;
    }

    /** One record by its fields. */
    record Found(Map<String, Object> fields) {
        String text(String field) {
            return String.valueOf(fields.getOrDefault(field, ""));
        }

        String reason() {
            return text(AuditFields.REASON);
        }
    }

    /** The record of a decision, by {@code service}'s sidecar. */
    Found ofDecision(String service, String id) throws IOException, CliException, InterruptedException {
        return await(
                service,
                "the record of decision " + id,
                fields -> AuditFields.EVENT_REQUEST.equals(fields.get(AuditFields.EVENT_NAME))
                        && id.equals(fields.get(AuditFields.ID)));
    }

    /** The record of the refused connection that came from {@code peer}, {@code address:port}. */
    Found ofConnection(String service, String peer) throws IOException, CliException, InterruptedException {
        return await(
                service,
                "the record of the connection from " + peer,
                fields -> AuditFields.EVENT_CONNECTION.equals(fields.get(AuditFields.EVENT_NAME))
                        && peer.equals(fields.get(AuditFields.PEER_ADDRESS)));
    }

    private Found await(String service, String what, Predicate<Map<String, Object>> which)
            throws IOException, CliException, InterruptedException {
        return Until.seen(what, LIMIT, () -> find(auditLog(service), which));
    }

    Path auditLog(String service) {
        return folder.state(service).resolve("audit");
    }

    private static Optional<Found> find(Path log, Predicate<Map<String, Object>> which) {
        List<Found> found = new ArrayList<>();
        try {
            AuditReader.forEach(log, record -> {
                if (which.test(record.fields())) {
                    found.add(new Found(record.fields()));
                }
            });
        } catch (IOException half) {
            // A record that is being written ends the reading; the next look sees it whole.
        }
        return found.stream().findFirst();
    }

    /** Requests and refused connections in all logs; empty while one of them cannot be read to its end. */
    Optional<Long> traffic() {
        long[] count = {0};
        try {
            AuditReader.forEach(folder.state(), record -> {
                Object event = record.fields().get(AuditFields.EVENT_NAME);
                if (AuditFields.EVENT_REQUEST.equals(event) || AuditFields.EVENT_CONNECTION.equals(event)) {
                    count[0]++;
                }
            });
            return Optional.of(count[0]);
        } catch (IOException half) {
            return Optional.empty();
        }
    }

    /** Whether each log still has its first segment; one that is full is freed when the control plane has its records. */
    boolean whole() throws IOException {
        try (Stream<Path> states = Files.list(folder.state())) {
            return states.map(state -> state.resolve("audit"))
                    .filter(Files::isDirectory)
                    .allMatch(audit -> Files.exists(audit.resolve(FIRST_SEGMENT)));
        }
    }
}
