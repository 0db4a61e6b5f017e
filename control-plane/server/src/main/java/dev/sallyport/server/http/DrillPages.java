package dev.sallyport.server.http;

import com.linecorp.armeria.common.AggregatedHttpRequest;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServiceRequestContext;
import dev.sallyport.document.Code;
import dev.sallyport.document.Fields;
import dev.sallyport.server.budget.OutageBudget.Failure;
import dev.sallyport.server.budget.OutageWatch;
import dev.sallyport.server.ca.SigningPause;
import dev.sallyport.server.drill.DrillKind;
import dev.sallyport.server.drill.Drills;
import dev.sallyport.server.http.Problem.ProblemException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What drills ask on 15015: an outage that is only played, and a place for their records. */
public final class DrillPages implements Routes {
    private static final Logger log = LoggerFactory.getLogger(DrillPages.class);
    private static final int SECONDS = 60;
    private static final int SECONDS_MAX = 600;
    /** As much time to catch up as the drill took: it must not become the outage that it plays. */
    private static final int MARGIN = 2;

    private static final int DETAIL_MAX = 4000;

    private final Drills drills;
    private final SigningPause pause;
    private final OutageWatch outages;
    private final Clock clock;

    public DrillPages(Drills drills, SigningPause pause, OutageWatch outages, Clock clock) {
        this.drills = drills;
        this.pause = pause;
        this.outages = outages;
        this.clock = clock;
    }

    @Override
    public void serve(ServerBuilder server) {
        Api.route(server, HttpMethod.GET, "/v1/drills", (_, _) -> list());
        Api.route(server, HttpMethod.POST, "/v1/drills", this::record);
        Api.route(server, HttpMethod.POST, "/v1/drills/outage", this::begin);
        Api.route(server, HttpMethod.DELETE, "/v1/drills/outage", this::end);
    }

    private HttpResponse begin(ServiceRequestContext context, AggregatedHttpRequest request) throws ProblemException {
        String by = Person.of(context).name();
        Duration length =
                Duration.ofSeconds(Json.read(request, body -> body.integer("seconds", SECONDS, 1, SECONDS_MAX)));
        refuseHarm(length);
        if (!pause.begin(length, by)) {
            throw new ProblemException(
                    HttpStatus.CONFLICT, "drill: another one is under way (expected: one at a time; see status)");
        }
        log.warn("drill of {}: the authority signs nothing for {} s", by, length.toSeconds());
        return Json.ok(Map.of("endsAt", clock.instant().plus(length)));
    }

    private void refuseHarm(Duration length) throws ProblemException {
        Instant now = clock.instant();
        Optional<Failure> first = outages.budget().first();
        if (first.isPresent() && first.get().at().isBefore(now.plus(length.multipliedBy(MARGIN)))) {
            throw new ProblemException(
                    HttpStatus.CONFLICT,
                    "drill of " + length.toSeconds() + " s: without a signature "
                            + first.get().identity() + " " + first.get().instance() + " would fail in "
                            + Duration.between(now, first.get().at()).toSeconds() + " s (expected: at least "
                            + length.multipliedBy(MARGIN).toSeconds() + " s, " + MARGIN + " times the drill)");
        }
    }

    private HttpResponse end(ServiceRequestContext context, AggregatedHttpRequest request) throws ProblemException {
        pause.end();
        log.warn(
                "drill ended by {}: the authority signs again",
                Person.of(context).name());
        return HttpResponse.of(HttpStatus.NO_CONTENT);
    }

    private HttpResponse record(ServiceRequestContext context, AggregatedHttpRequest request) throws ProblemException {
        Drills.Outcome outcome = Json.read(request, DrillPages::outcome);
        return Json.ok(Map.of("id", drills.add(Person.of(context).name(), outcome)));
    }

    private static Drills.Outcome outcome(Fields body) {
        String kind = body.oneOf("kind", null, DrillKind.codes().toArray(String[]::new));
        String detail = body.optionalText("detail").orElse("");
        if (detail.length() > DETAIL_MAX) {
            body.problem("detail", Code.VALUE, detail.length() + " characters (expected: <= " + DETAIL_MAX + ")");
        }
        return new Drills.Outcome(
                kind,
                moment(body, "startedAt"),
                moment(body, "endedAt"),
                count(body, "requests"),
                count(body, "failed"),
                micros(body, "p50Micros"),
                micros(body, "p99Micros"),
                body.bool("passed", false),
                detail);
    }

    private static Instant moment(Fields body, String key) {
        Optional<Instant> moment = body.instant(key);
        if (moment.isEmpty() && !body.has(key)) {
            body.missing(key, "a moment as 2027-03-31T12:00:00Z");
        }
        return moment.orElse(Instant.EPOCH);
    }

    private static long count(Fields body, String key) {
        return body.integer(key, 0, 0, 999_999_999);
    }

    private static Optional<Long> micros(Fields body, String key) {
        return body.has(key) ? Optional.of(count(body, key)) : Optional.empty();
    }

    private record Line(
            long id,
            String kind,
            String by,
            Instant startedAt,
            Instant endedAt,
            long requests,
            long failed,
            Optional<Long> p50Micros,
            Optional<Long> p99Micros,
            boolean passed,
            String detail) {
        static Line of(Drills.Drill drill) {
            Drills.Outcome outcome = drill.outcome();
            return new Line(
                    drill.id(),
                    outcome.kind(),
                    drill.by(),
                    outcome.startedAt(),
                    outcome.endedAt(),
                    outcome.requests(),
                    outcome.failed(),
                    outcome.p50Micros(),
                    outcome.p99Micros(),
                    outcome.passed(),
                    outcome.detail());
        }
    }

    private HttpResponse list() {
        List<Line> lines = drills.all().stream().map(Line::of).toList();
        return Json.ok(Map.of("drills", lines));
    }
}
