package dev.sallyport.server.http;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.sallyport.audit.tlog.TilePath;
import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.server.collector.BatchRefusedException;
import dev.sallyport.server.collector.Collector;
import dev.sallyport.server.collector.CollectorStatus;
import dev.sallyport.server.collector.Finding;
import dev.sallyport.server.copies.Copies;
import dev.sallyport.server.copies.CopyStatus;
import dev.sallyport.server.http.Problem.ProblemException;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The record as a whole on 15015: how it stands, what is wrong with it, its files for tools that are not ours, and what administrators may remove or settle. */
public final class AuditRoutes implements Routes {
    private static final String LOG_PATH = "/v1/audit/log/";
    private static final int FINDINGS_MAX = 1000;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final Collector collector;
    private final Copies copies;

    public AuditRoutes(Collector collector, Copies copies) {
        this.collector = collector;
        this.copies = copies;
    }

    @Override
    public void serve(ServerBuilder server) {
        Api.route(
                server,
                HttpMethod.GET,
                "/v1/audit/status",
                (_, _) -> Json.ok(new Status(collector.status(), copies.status())));
        Api.route(server, HttpMethod.GET, "/v1/audit/findings", (context, _) -> findings(context));
        Api.route(server, HttpMethod.POST, "/v1/audit/findings/{id}/resolve", this::resolve);
        Api.route(server, HttpMethod.POST, "/v1/audit/prune", this::prune);
        Api.route(server, HttpMethod.GET, LOG_PATH + "{*path}", (context, _) -> file(context));
    }

    private record Status(@JsonUnwrapped CollectorStatus log, List<CopyStatus> copies) {}

    private record Listing(List<Line> findings) {}

    /** {@code what}: about which stream, sidecar or witness; {@code resolve}: what ends it; {@code byHand}: whether an administrator may. */
    private record Line(
            long id,
            String kind,
            String subject,
            String what,
            Instant since,
            Optional<Instant> until,
            Optional<String> resolution,
            String resolve,
            boolean byHand) {
        static Line of(Finding finding) {
            return new Line(
                    finding.id(),
                    finding.kind().code(),
                    finding.subject(),
                    finding.detail(),
                    finding.since(),
                    finding.until(),
                    finding.resolution(),
                    finding.kind().resolve(),
                    finding.kind().byHand());
        }
    }

    /** Open ones; with {@code all=true} also those that have ended. Newest first. */
    private HttpResponse findings(ServiceRequestContext context) throws ProblemException {
        String all = Optional.ofNullable(context.queryParam("all")).orElse("false");
        if (!all.equals("true") && !all.equals("false")) {
            throw new ProblemException(HttpStatus.BAD_REQUEST, "all (expected: true | false)");
        }
        return Json.ok(new Listing(collector.findings().list(all.equals("false"), FINDINGS_MAX).stream()
                .limit(FINDINGS_MAX)
                .map(Line::of)
                .toList()));
    }

    private HttpResponse resolve(ServiceRequestContext context, AggregatedHttpRequest request) throws ProblemException {
        String reason = Json.read(request, body -> body.text("reason"));
        String person = Person.of(context).name();
        return collector
                .findings()
                .resolve(id(context), person, reason)
                .map(finding -> Json.ok(Line.of(finding)))
                .orElseThrow(() -> new ProblemException(
                        HttpStatus.CONFLICT,
                        "finding " + context.pathParam("id")
                                + " (expected: one that is open and does not end by itself)"));
    }

    private static long id(ServiceRequestContext context) throws ProblemException {
        try {
            return Long.parseLong(String.valueOf(context.pathParam("id")));
        } catch (NumberFormatException e) {
            throw new ProblemException(HttpStatus.NOT_FOUND, "finding (expected: its number)");
        }
    }

    private record Removed(long entries, long from, long below, Optional<Long> receipt) {}

    /** {@code {"below": 4096}}, an index, or {@code {"before": "2026-01-01"}}. */
    private HttpResponse prune(ServiceRequestContext context, AggregatedHttpRequest request) throws ProblemException {
        Wanted wanted = Json.read(request, AuditRoutes::wanted);
        String person = Person.of(context).name();
        context.clearRequestTimeout(); // years of entries take minutes
        try {
            Optional<Collector.Pruned> done = wanted.before().isPresent()
                    ? collector.pruneBefore(wanted.before().get(), person)
                    : collector.pruneBelow(wanted.below(), person);
            long oldest = collector.records().oldest();
            return Json.ok(done.map(gone -> new Removed(
                            gone.below() - gone.from(), gone.from(), gone.below(), Optional.of(gone.receipt())))
                    .orElse(new Removed(0, oldest, oldest, Optional.empty())));
        } catch (BatchRefusedException e) {
            return Problem.later(HttpStatus.SERVICE_UNAVAILABLE, String.valueOf(e.getMessage()), RETRY_AFTER);
        } catch (IOException e) {
            return Problem.answer(HttpStatus.INTERNAL_SERVER_ERROR, "prune: " + e.getMessage());
        }
    }

    private record Wanted(long below, Optional<Instant> before) {}

    private static Wanted wanted(Fields body) {
        Optional<Instant> before = body.instant("before");
        Optional<String> below = body.optionalText("below");
        if (before.isPresent() == below.isPresent()) {
            body.problem("", Code.VALUE, "expected: below, an index, or before, a time, and not both");
        }
        long index = 0;
        if (below.isPresent()) {
            try {
                index = Long.parseLong(below.get());
            } catch (NumberFormatException e) {
                body.problem("below", Code.VALUE, "no number (expected: an index of the log)");
            }
        }
        return new Wanted(index, before);
    }

    /** Well-formed names alone: nothing else of the folder is anybody's to read. */
    private HttpResponse file(ServiceRequestContext context) throws ProblemException {
        String path = Optional.ofNullable(context.pathParam("path")).orElse("");
        try {
            byte[] bytes = collector
                    .records()
                    .file(path)
                    .orElseThrow(() -> new ProblemException(
                            HttpStatus.NOT_FOUND, "no such file (expected: checkpoint, or a tile that is there)"));
            MediaType type = path.equals(TilePath.CHECKPOINT) ? MediaType.PLAIN_TEXT_UTF_8 : MediaType.OCTET_STREAM;
            return HttpResponse.of(HttpStatus.OK, type, HttpData.wrap(bytes));
        } catch (IOException e) {
            return Problem.answer(HttpStatus.INTERNAL_SERVER_ERROR, "the log cannot be read: " + e.getMessage());
        }
    }
}
