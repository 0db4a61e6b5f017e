package dev.sallyport.cli.sidecar;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.cli.Times;
import java.time.Instant;
import picocli.CommandLine.Command;

/** {@code proxy certs}: the certificate that a sidecar uses now, and whom it believes. */
@Command(description = "Shows the certificate that a sidecar uses and the roots that it believes.")
public final class ProxyCertsCommand extends NamedSidecarCommand {
    public ProxyCertsCommand(Invocation invocation) {
        super(invocation);
    }

    @Override
    void ask(AdminClient client, AdminPort port, boolean json) throws CliException {
        JsonNode certificates = client.get(port, "/certs?format=json");
        if (json) {
            invocation.print(certificates);
            return;
        }
        Instant now = Instant.now();
        String end = Plain.text(certificates, "notAfter");
        boolean counts = Times.parse(end).filter(now::isBefore).isPresent()
                && !certificates.path("revoked").asBoolean();
        invocation.print(invocation.paint(Colour.STRONG, Plain.text(certificates, "id")));
        invocation.print("  serial " + Plain.text(certificates, "serial"));
        invocation.print("  " + invocation.paint(counts ? Colour.GOOD : Colour.BAD, expiry(end, now))
                + (certificates.path("revoked").asBoolean() ? ", revoked" : ""));
        String renewal = Plain.text(certificates, "renewAt");
        if (!renewal.isEmpty()) {
            invocation.print("  renews " + Times.relative(renewal, now));
        }
        invocation.print("");
        Table table = new Table("PART", "OF", "EXPIRY", "SERIAL", "FINGERPRINT");
        certificates
                .path("chain")
                .forEach(one -> row(
                        table,
                        "chain",
                        Plain.text(certificates, "id").replaceFirst("^spiffe://([^/]*).*", "$1"),
                        one,
                        now));
        for (JsonNode bundle : certificates.path("bundles")) {
            bundle.path("authorities").forEach(one -> row(table, "root", Plain.text(bundle, "trustDomain"), one, now));
        }
        invocation.print(table);
    }

    private static void row(Table table, String part, String domain, JsonNode certificate, Instant now) {
        table.row(
                part,
                domain,
                expiry(Plain.text(certificate, "notAfter"), now),
                Plain.text(certificate, "serial"),
                Plain.text(certificate, "fingerprint"));
    }

    /** {@code expires in 41m 2s}, {@code expired 3s ago}. */
    private static String expiry(String end, Instant now) {
        boolean past = Times.parse(end).filter(moment -> !moment.isAfter(now)).isPresent();
        return (past ? "expired " : "expires ") + Times.relative(end, now);
    }
}
