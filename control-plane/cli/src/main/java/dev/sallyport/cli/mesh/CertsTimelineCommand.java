package dev.sallyport.cli.mesh;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.cli.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code certs timeline}: what happened to certificates, as a picture and as a list, from a record whose chain is checked on the way. */
@Command(description = "Shows what happened to certificates, and whether the record of it is whole.")
public final class CertsTimelineCommand implements Callable<Integer> {
    /** A picture of more lines is none. */
    private static final int LINES_MAX = 100;

    private final Invocation invocation;

    @Option(names = "--service", paramLabel = "SERVICE", description = "only those of this service")
    private String service = "";

    @Option(names = "--identity", paramLabel = "ID", description = "only those of this SPIFFE ID")
    private String identity = "";

    @Option(names = "--serial", paramLabel = "SERIAL", description = "only this certificate with its lineage")
    private String serial = "";

    @Option(
            names = "--since",
            paramLabel = "DURATION",
            defaultValue = "7d",
            description = "how far back (default: ${DEFAULT-VALUE})")
    private Duration since;

    public CertsTimelineCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        JsonNode timeline;
        try (ControlPlaneApi api = invocation.api()) {
            timeline = api.certificateEvents(
                    service, identity, serial, Instant.now().minus(since));
        }
        if (json) {
            invocation.print(timeline);
        } else {
            picture(timeline);
            invocation.print(events(timeline.path("events")));
            invocation.print("");
        }
        chain(timeline.path("chain"), json);
        return 0;
    }

    private void picture(JsonNode timeline) {
        List<TimelinePicture.Bar> bars = new ArrayList<>();
        for (JsonNode one : timeline.path("certificates")) {
            bars.add(new TimelinePicture.Bar(
                    label(one),
                    moment(one, "issuedAt"),
                    moment(one, "notAfter"),
                    Times.parse(one.path("replacedAt").asText("")),
                    Times.parse(one.path("revokedAt").asText(""))));
        }
        if (bars.isEmpty()) {
            return;
        }
        if (bars.size() > LINES_MAX) {
            invocation.say("the newest " + LINES_MAX + " of " + bars.size()
                    + " certificates are drawn; --service, --serial or --since choose others");
            bars = bars.subList(bars.size() - LINES_MAX, bars.size());
        }
        new TimelinePicture(bars, moment(timeline, "since"), moment(timeline, "now"))
                .lines()
                .forEach(invocation::print);
        invocation.print("");
    }

    /** The path of the identity: the trust domain is the same on every line. */
    private static String label(JsonNode certificate) {
        String identity = certificate.path("identity").asText();
        String path = identity.replaceFirst("^spiffe://[^/]*", "");
        return Table.visible(path) + " " + certificate.path("serial").asText().replaceFirst("(?<=^.{8}).*", "");
    }

    private static Instant moment(JsonNode object, String name) {
        return Times.parse(object.path(name).asText("")).orElse(Instant.EPOCH);
    }

    static Table events(JsonNode events) {
        Table table = new Table("AT", "EVENT", "IDENTITY", "SERIAL", "BY", "DETAIL");
        for (JsonNode event : events) {
            String actor = event.path("actor").asText();
            long count = event.path("count").asLong();
            table.row(
                    event.path("at").asText(),
                    event.path("kind").asText() + (count > 1 ? " ×" + count : ""),
                    event.path("identity").asText(),
                    Serials.shown(event.path("serial").asText()),
                    actor.isEmpty() ? event.path("method").asText() : actor,
                    event.path("detail").asText());
        }
        return table;
    }

    private void chain(JsonNode chain, boolean json) throws CliException {
        String broken = chain.path("broken").asText("");
        if (!broken.isEmpty()) {
            throw new CliException(
                    ExitCode.UNVERIFIED, "record: " + broken + " (expected: each event chained to the one before)");
        }
        if (!json) {
            invocation.print("record: " + Counted.of(chain.path("events").asLong(), "event") + " from number "
                    + chain.path("first").asLong() + ", "
                    + invocation.paint(Colour.GOOD, "each chained to the one before") + "; newest "
                    + Serials.shown(chain.path("head").asText()));
        }
    }
}
