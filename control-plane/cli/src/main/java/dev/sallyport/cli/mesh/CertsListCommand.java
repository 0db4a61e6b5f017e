package dev.sallyport.cli.mesh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.LocalCertificate;
import dev.sallyport.cli.StateFolders;
import dev.sallyport.cli.Table;
import dev.sallyport.cli.Times;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code certs list}: what was issued, or what lies in state folders here. */
@Command(description = "Lists certificates: those that the control plane issued, or those in state folders here.")
public final class CertsListCommand implements Callable<Integer> {
    private final Invocation invocation;

    @Option(
            names = "--local",
            arity = "1..*",
            paramLabel = "STATE_DIR",
            description = "read these state folders (or those below) instead of asking the control plane")
    private List<Path> local = List.of();

    @Option(names = "--service", paramLabel = "SERVICE", description = "only those of this service")
    private String service = "";

    @Option(names = "--identity", paramLabel = "ID", description = "only those of this SPIFFE ID")
    private String identity = "";

    @Option(names = "--all", description = "also those that were revoked or have ended")
    private boolean all;

    public CertsListCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        if (!local.isEmpty()) {
            if (all || !service.isEmpty() || !identity.isEmpty()) {
                throw invocation.usage("certs list: expected --local alone, or --service, --identity, --all");
            }
            List<LocalCertificate> certificates = new ArrayList<>();
            for (Path folder : local) {
                for (Path state : StateFolders.below(folder)) {
                    certificates.add(LocalCertificate.read(state));
                }
            }
            print(certificates, json);
            return 0;
        }
        try (ControlPlaneApi api = invocation.api()) {
            JsonNode answer = api.certificates(service, identity, all);
            if (json) {
                invocation.print(answer);
            } else {
                print(answer, Instant.now());
            }
        }
        return 0;
    }

    private void print(JsonNode answer, Instant now) {
        Table table = new Table("IDENTITY", "SERIAL", "EXPIRES", "RENEWS", "ISSUED", "BY", "STATE");
        for (JsonNode certificate : answer.path("certificates")) {
            table.row(
                    certificate.path("identity").asText(),
                    Serials.shown(certificate.path("serial").asText()),
                    Times.relative(certificate.path("notAfter").asText(""), now),
                    Times.relative(certificate.path("renewAt").asText(""), now),
                    Times.relative(certificate.path("issuedAt").asText(""), now),
                    certificate.path("method").asText(),
                    certificate.path("state").asText());
        }
        invocation.print(table);
    }

    private void print(List<LocalCertificate> certificates, boolean json) {
        if (json) {
            ObjectNode answer = Invocation.JSON.createObjectNode();
            ArrayNode list = answer.putArray("certificates");
            for (LocalCertificate certificate : certificates) {
                ObjectNode one = list.addObject()
                        .put("stateDirectory", certificate.stateFolder().toString())
                        .put("identity", certificate.id().toString())
                        .put("serial", certificate.serial())
                        .put("notBefore", certificate.notBefore().toString())
                        .put("notAfter", certificate.notAfter().toString());
                certificate.renewAt().ifPresent(moment -> one.put("renewAt", moment.toString()));
            }
            invocation.print(answer);
            return;
        }
        Instant now = Instant.now();
        Table table = new Table("IDENTITY", "SERIAL", "EXPIRES", "RENEWS", "STATE");
        for (LocalCertificate certificate : certificates) {
            table.row(
                    certificate.id().toString(),
                    Serials.shown(certificate.serial()),
                    Times.relative(certificate.notAfter(), now),
                    certificate
                            .renewAt()
                            .map(moment -> Times.relative(moment, now))
                            .orElse("-"),
                    certificate.stateFolder().toString());
        }
        invocation.print(table);
    }
}
