package dev.sallyport.cli.sidecar;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.cli.Times;
import java.time.Instant;
import picocli.CommandLine.Command;

/** {@code proxy config}: what a sidecar was told, by its own file and by the control plane. */
@Command(description = "Shows the configuration of a sidecar and the snapshot that it holds.")
public final class ProxyConfigCommand extends NamedSidecarCommand {
    public ProxyConfigCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    void ask(AdminClient client, AdminPort port, boolean json) throws CliException {
        JsonNode dump = client.get(port, "/config_dump?format=json");
        if (json) {
            invocation.print(dump);
            return;
        }
        heading("configuration");
        Plain.fields(dump.path("configuration"), 1, invocation::print);
        JsonNode snapshot = dump.path("snapshot");
        invocation.print("");
        heading("snapshot");
        if (!snapshot.isObject()) {
            invocation.print("  none: every request is denied");
            return;
        }
        snapshot(snapshot, Instant.now());
    }

    private void snapshot(JsonNode snapshot, Instant now) {
        boolean inForce = snapshot.path("inForce").asBoolean();
        line("mesh", Plain.text(snapshot, "mesh"));
        line("revision", Plain.text(snapshot, "revision") + " of epoch " + Plain.text(snapshot, "epoch"));
        line("in force", invocation.paint(inForce ? Colour.GOOD : Colour.BAD, inForce ? "yes" : "no"));
        line("digest", Plain.text(snapshot, "digest"));
        line("issued", Times.relative(Plain.text(snapshot, "issuedAt"), now));
        line("ends", Times.relative(Plain.text(snapshot, "validUntil"), now));
        section("issuer keys", snapshot.path("issuerKeys"));
        section("endpoints", snapshot.path("endpoints"));
        invocation.print("");
        heading("documents");
        for (JsonNode part : snapshot.path("documents")) {
            if (part.isArray()) {
                part.forEach(this::document);
            } else {
                document(part);
            }
        }
    }

    private void document(JsonNode document) {
        invocation.print("  " + Plain.text(document, "kind") + " "
                + Table.visible(document.at("/metadata/name").asText("")));
    }

    private void section(String name, JsonNode fields) {
        invocation.print("");
        heading(name);
        if (fields.isEmpty()) {
            invocation.print("  none");
        }
        Plain.fields(fields, 1, invocation::print);
    }

    private void heading(String name) {
        invocation.print(invocation.paint(Colour.STRONG, name));
    }

    private void line(String name, String value) {
        invocation.print("  " + name + ": " + value);
    }
}
