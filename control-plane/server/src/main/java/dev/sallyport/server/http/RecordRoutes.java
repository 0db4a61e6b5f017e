package dev.sallyport.server.http;

import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.sallyport.audit.RecordField;
import dev.sallyport.audit.tlog.Checkpoint;
import dev.sallyport.audit.tlog.InvalidNoteException;
import dev.sallyport.audit.tlog.SignedNote;
import dev.sallyport.audit.tlog.TlogProof;
import dev.sallyport.server.collector.AuditRecords;
import dev.sallyport.server.collector.PolicyArchive;
import dev.sallyport.server.http.Problem.ProblemException;
import dev.sallyport.server.mesh.LiveMesh;
import dev.sallyport.server.records.Found;
import dev.sallyport.server.records.Page;
import dev.sallyport.server.records.RecordIndex;
import dev.sallyport.server.records.RecordQuery;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Single records on 15015: search, one of them, the proof that it is in the log, the policy that it was decided by. Who reads them is logged. */
public final class RecordRoutes implements Routes {
    private static final String RECORDS = "/v1/audit/records";
    private static final MediaType PROOF = MediaType.create("text", "x.tlog-proof");
    /** A checkpoint is signed about once a second. */
    private static final Duration NEXT_CHECKPOINT = Duration.ofSeconds(1);

    private final RecordIndex index;
    private final AuditRecords log;
    private final PolicyArchive policies;
    private final LiveMesh mesh;
    private final ReadLog reads;

    public RecordRoutes(RecordIndex index, AuditRecords log, PolicyArchive policies, LiveMesh mesh, Clock clock) {
        this.index = index;
        this.log = log;
        this.policies = policies;
        this.mesh = mesh;
        this.reads = new ReadLog(clock);
    }

    @Override
    public void serve(ServerBuilder server) {
        Api.route(server, HttpMethod.GET, RECORDS, (context, _) -> readable(() -> search(context)));
        Api.route(server, HttpMethod.GET, RECORDS + "/{id}", (context, _) -> readable(() -> show(context)));
        Api.route(server, HttpMethod.GET, RECORDS + "/{id}/proof", (context, _) -> readable(() -> prove(context)));
        Api.route(server, HttpMethod.GET, "/v1/audit/policy/{digest}", (context, _) -> readable(() -> policy(context)));
    }

    private interface Answer {
        HttpResponse get() throws IOException, ProblemException;
    }

    /** An index that is being made anew, or a disk that is away, is no fault of whoever asks. */
    private static HttpResponse readable(Answer answer) throws ProblemException {
        try {
            return answer.get();
        } catch (IOException e) {
            return Problem.later(
                    HttpStatus.SERVICE_UNAVAILABLE,
                    "the record cannot be read now: " + e.getMessage(),
                    NEXT_CHECKPOINT);
        }
    }

    /** {@code next}: the parameter {@code before} (or {@code after}, with {@code order=oldest}) of the page that follows; {@code size}, {@code indexed}: entries of the log, and how many of them a search sees; {@code stopped}: why there may be more on this page. */
    private record Listed(
            List<Map<String, Object>> records, OptionalLong next, long size, long indexed, Optional<String> stopped) {}

    private HttpResponse search(ServiceRequestContext context) throws IOException, ProblemException {
        RecordParameters parameters = new RecordParameters(context.queryParams(), mesh);
        RecordQuery query = parameters.query();
        boolean entries = parameters.entries();
        reads.read(context, "a search for " + query.filters() + " from " + query.from() + " to " + query.to());
        Page page = index.search(query);
        List<Map<String, Object>> records = new ArrayList<>();
        for (Found found : page.records()) {
            records.add(shown(found, entries));
        }
        return Json.ok(new Listed(
                records,
                page.next(),
                log.size(),
                index.next(),
                page.stopped()
                        ? Optional.of(
                                "stopped after 2 s at index " + page.next().orElse(0)
                                        + ", not all was looked at (expected: a narrower time, or one more filter; or go on there)")
                        : Optional.empty()));
    }

    /** A JSON object of what the index knows; {@code entry}: the exact bytes, in base64. */
    private Map<String, Object> shown(Found found, boolean entry) throws IOException {
        Map<String, Object> shown = new LinkedHashMap<>();
        shown.put("index", found.index());
        shown.put("time", found.time());
        for (RecordField field : RecordField.values()) {
            if (!found.value(field).isEmpty()) {
                shown.put(field.word(), found.value(field));
            }
        }
        shown.put("number", found.number());
        if (entry && found.index() >= log.oldest()) {
            shown.put("entry", log.entries(found.index(), 1).getFirst());
        }
        return shown;
    }

    private record Shown(List<Map<String, Object>> records) {}

    /** Every entry with this id, oldest first: its intent, its outcome. */
    private HttpResponse show(ServiceRequestContext context) throws IOException, ProblemException {
        String id = id(context);
        reads.read(context, "record " + id);
        List<Map<String, Object>> records = new ArrayList<>();
        for (Found found : found(id).reversed()) {
            records.add(shown(found, true));
        }
        return Json.ok(new Shown(records));
    }

    private static String id(ServiceRequestContext context) {
        return String.valueOf(context.pathParam("id"));
    }

    /** Newest first, at least one. */
    private List<Found> found(String id) throws IOException, ProblemException {
        List<Found> found = id.length() > 256 ? List.of() : index.find(id);
        if (found.isEmpty()) {
            String missing = index.next() < log.size()
                    ? "; " + (log.size() - index.next()) + " entries are not in the index yet"
                    : "";
            throw new ProblemException(
                    HttpStatus.NOT_FOUND,
                    "record " + (id.length() > 64 ? id.substring(0, 64) + "…" : id)
                            + ": not in the log (expected: an audit.record.id, or the decisionId of a denial" + missing
                            + ")");
        }
        return found;
    }

    /** Of the newest entry with this id, which is how it ended; {@code ?index=} names another. */
    private HttpResponse prove(ServiceRequestContext context) throws IOException, ProblemException {
        String id = id(context);
        List<Found> found = found(id);
        String named = context.queryParams().get("index", "");
        long leaf = found.stream()
                .map(Found::index)
                .filter(index -> named == null || named.isEmpty() || named.equals(Long.toString(index)))
                .findFirst()
                .orElseThrow(() -> new ProblemException(
                        HttpStatus.NOT_FOUND,
                        "index: " + named + " (expected: one of "
                                + found.stream().map(Found::index).toList() + ", where this record is)"));
        reads.read(context, "the proof of record " + id);
        try {
            Optional<byte[]> note = log.checkpoint();
            long size = note.isPresent()
                    ? Checkpoint.parse(SignedNote.parse(note.get()).text()).size()
                    : 0;
            if (leaf >= size) {
                return Problem.later(
                        HttpStatus.SERVICE_UNAVAILABLE,
                        "record " + id + ": no published checkpoint covers index " + leaf + " yet, the newest has size "
                                + size,
                        NEXT_CHECKPOINT);
            }
            TlogProof proof = TlogProof.of(
                    log.log().entry(leaf), leaf, log.log().inclusion(leaf, size), SignedNote.parse(note.orElseThrow()));
            return HttpResponse.of(HttpStatus.OK, PROOF, HttpData.wrap(proof.toBytes()));
        } catch (InvalidNoteException e) {
            throw new IOException("its checkpoint: " + e.getMessage(), e);
        }
    }

    /** The documents that a service's sidecars decided by. */
    private HttpResponse policy(ServiceRequestContext context) throws IOException, ProblemException {
        String digest = String.valueOf(context.pathParam("digest"));
        byte[] documents = policies.find(digest)
                .orElseThrow(
                        () -> new ProblemException(
                                HttpStatus.NOT_FOUND,
                                "policy: (expected: a sallyport.config.digest of a record, 64 hexadecimal digits; none such is kept)"));
        return HttpResponse.of(HttpStatus.OK, MediaType.JSON, HttpData.wrap(documents));
    }
}
