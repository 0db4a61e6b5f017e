package dev.sallyport.cli.mesh;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.cli.Times;
import java.time.Instant;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code certs show}: one certificate, what its identity rests on, its lineage, what happened to it. */
@Command(description = "Shows one certificate, what its identity rests on, and what happened to it.")
public final class CertsShowCommand implements Callable<Integer> {
    private static final int NAME_WIDTH = 14;

    private final Invocation invocation;

    @Parameters(
            paramLabel = "SERIAL",
            description = "its serial number, or the first digits of it as certs list shows them")
    private String serial;

    @Option(names = "--pem", description = "print the certificate itself, as long as it is kept")
    private boolean pem;

    public CertsShowCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        JsonNode shown;
        try (ControlPlaneApi api = invocation.api()) {
            shown = api.certificate(serial);
        }
        if (pem) {
            String text = shown.path("pem").asText("");
            if (text.isEmpty()) {
                throw new CliException(serial
                        + ": the certificate itself is not kept any more (expected: one that has not long ended)");
            }
            invocation.printRaw(text);
        } else if (json) {
            invocation.print(shown);
        } else {
            print(shown, Instant.now());
        }
        return 0;
    }

    private void print(JsonNode shown, Instant now) {
        JsonNode certificate = shown.path("certificate");
        String state = certificate.path("state").asText();
        line("serial", certificate.path("serial").asText());
        line("identity", Table.visible(certificate.path("identity").asText()));
        line("state", invocation.paint(colour(state), Table.visible(state)));
        line("instance", certificate.path("instance").asText());
        line("issued", moment(certificate, "issuedAt", now));
        line("valid", certificate.path("notBefore").asText() + " .. " + moment(certificate, "notAfter", now));
        line("renewal", "planned " + moment(certificate, "renewAt", now));
        line("issuer", Table.visible(shown.path("issuer").asText()));
        line("key", "sha256:" + shown.path("keySha256").asText());
        proven(shown, certificate, now);
        revocation(shown.path("revocation"), now);
        lineage(shown.path("lineage"), certificate.path("serial").asText(), now);
        invocation.print("");
        invocation.print(CertsTimelineCommand.events(shown.path("events")));
    }

    private void proven(JsonNode shown, JsonNode certificate, Instant now) {
        String method = certificate.path("method").asText();
        String attestedBy = shown.path("attestedBy").asText();
        line("proven by", method + ": " + shown.path("proves").asText());
        if (!method.equals(attestedBy)) {
            line(
                    "lineage",
                    "begun " + Times.relative(shown.path("attestedAt").asText(), now) + " by " + attestedBy + ": "
                            + shown.path("attestedProves").asText());
        }
    }

    private void revocation(JsonNode revocation, Instant now) {
        if (revocation.isObject()) {
            line(
                    "revoked",
                    Times.relative(revocation.path("at").asText(), now) + " by "
                            + revocation.path("by").asText() + ": "
                            + Table.visible(revocation.path("reason").asText()));
            line(
                    "its authority",
                    switch (revocation.path("tell").asText()) {
                        case "told" ->
                            "was told "
                                    + Times.relative(revocation.path("toldAt").asText(), now);
                        case "wanted" -> "is to be told";
                        case "given-up" -> "could not be told";
                        default -> "has no list to be told of";
                    });
        }
    }

    private void lineage(JsonNode lineage, String self, Instant now) {
        Table table = new Table("", "LINEAGE", "BY", "ISSUED", "EXPIRES", "STATE");
        for (JsonNode one : lineage) {
            table.row(
                    one.path("serial").asText().equals(self) ? "→" : " ",
                    Serials.shown(one.path("serial").asText()),
                    one.path("method").asText(),
                    Times.relative(one.path("issuedAt").asText(), now),
                    Times.relative(one.path("notAfter").asText(), now),
                    one.path("state").asText());
        }
        invocation.print("");
        invocation.print(table);
    }

    /** {@code value} may carry a colour of ours; what others wrote is made visible by who passes it. */
    private void line(String name, String value) {
        invocation.print(Table.padded(name, NAME_WIDTH) + value);
    }

    private static String moment(JsonNode certificate, String name, Instant now) {
        String moment = certificate.path(name).asText();
        return moment + " (" + Times.relative(moment, now) + ")";
    }

    private static Colour colour(String state) {
        return switch (state) {
            case "current" -> Colour.GOOD;
            case "revoked" -> Colour.BAD;
            default -> Colour.DOUBTFUL;
        };
    }
}
