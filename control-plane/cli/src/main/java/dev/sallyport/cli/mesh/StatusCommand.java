package dev.sallyport.cli.mesh;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.OutageLine;
import dev.sallyport.cli.Rollout;
import dev.sallyport.cli.Table;
import dev.sallyport.cli.Times;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code status}: which revision is in force, and who has applied it. With {@code -o json} the control plane's own answer. */
@Command(description = "Shows which revision is in force and which sidecars have applied it.")
public final class StatusCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Option(
            names = "--wait",
            paramLabel = "REVISION",
            description = "first wait until every connected sidecar has applied it")
    private Optional<Long> revision = Optional.empty();

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "30s",
            description = "how long --wait may take (default: ${DEFAULT-VALUE})")
    private Duration timeout;

    public StatusCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        try (ControlPlaneApi api = invocation.api()) {
            if (revision.isPresent()) {
                new Rollout(api).await(revision.get(), timeout);
            }
            JsonNode status = api.status();
            if (json) {
                invocation.print(status);
            } else {
                Instant now = Instant.now();
                mesh(status, now);
                sidecars(api.sidecars(), now);
            }
        }
        return 0;
    }

    private void mesh(JsonNode status, Instant now) {
        String digest = status.path("digest").asText();
        invocation.print("mesh " + status.path("mesh").asText() + " ("
                + status.path("trustDomain").asText() + ")  revision "
                + status.path("revision").asLong() + " (sha256:" + digest.substring(0, Math.min(12, digest.length()))
                + ")  epoch " + status.path("epoch").asLong());
        JsonNode documents = status.path("documents");
        String folder = documents.path("folder").asText("");
        invocation.print("documents by " + documents.path("author").asText()
                + (folder.isEmpty() ? "" : " " + Table.visible(folder)));
        documents
                .path("lastError")
                .asText("")
                .lines()
                .forEach(line -> invocation.print("  " + invocation.paint(Colour.BAD, Table.visible(line))));
        status.path("issuers").forEach(issuer -> issuer(issuer, now));
        OutageLine.of(status, now).forEach(line -> invocation.print(line.text()));
        if (status.has("drillSecondsLeft")) {
            invocation.print(invocation.paint(
                    Colour.DOUBTFUL,
                    "drill: the authority signs nothing for another "
                            + status.path("drillSecondsLeft").asLong() + " s"));
        }
    }

    /** {@code issuer shop  https://auth.shop.example  fresh  2 keys, fetched 3m ago, end in 23h 56m}; then what is wrong, a line each. */
    private void issuer(JsonNode issuer, Instant now) {
        String state = issuer.path("state").asText();
        String fetched = issuer.path("fetchedAt").asText("");
        String until = issuer.path("goodUntil").asText("");
        invocation.print("issuer " + issuer.path("name").asText() + "  "
                + Table.visible(issuer.path("issuer").asText())
                + "  " + invocation.paint(colour(state), state)
                + "  " + Counted.of(issuer.path("keys").asLong(), "key")
                + (fetched.isEmpty() ? "" : ", fetched " + Times.relative(fetched, now))
                + (until.isEmpty()
                        ? ""
                        : ", " + (state.equals("gone") ? "ended " : "end ") + Times.relative(until, now)));
        String error = issuer.path("error").asText("");
        if (!error.isEmpty()) {
            invocation.print("  " + invocation.paint(Colour.BAD, Table.visible(error)));
        }
        for (JsonNode skipped : issuer.path("skipped")) {
            Colour colour = skipped.path("compromised").asBoolean() ? Colour.BAD : Colour.DOUBTFUL;
            invocation.print("  key " + Table.visible(skipped.path("key").asText()) + " does not count: "
                    + invocation.paint(
                            colour, Table.visible(skipped.path("reason").asText())));
        }
    }

    private static Colour colour(String state) {
        return switch (state) {
            case "fresh" -> Colour.GOOD;
            case "stale" -> Colour.DOUBTFUL;
            default -> Colour.BAD;
        };
    }

    private void sidecars(JsonNode sidecars, Instant now) {
        Table table = new Table("SERVICE", "INSTANCE", "CONNECTED", "REVISION", "CERTIFICATE", "EXPIRES", "LAST SEEN");
        for (JsonNode sidecar : sidecars.path("sidecars")) {
            String refused = sidecar.path("acked").path("refused").asText("");
            table.row(
                    sidecar.path("service").asText(),
                    sidecar.path("instance").asText(),
                    sidecar.path("connected").asBoolean() ? "yes" : "no",
                    sidecar.path("acked").path("revision").asText("none")
                            + (refused.isEmpty() ? "" : " refused: " + refused),
                    Serials.shown(sidecar.path("certificateSerial").asText("")),
                    Times.relative(sidecar.path("certificateNotAfter").asText(""), now),
                    Times.relative(sidecar.path("lastSeen").asText(""), now));
        }
        invocation.print(table);
    }
}
