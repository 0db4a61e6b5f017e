package dev.sallyport.cli.mesh;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Invocation;
import java.io.Console;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code certs revoke}: an identity with all that it has, or one certificate; pushed to every sidecar at once. */
@Command(
        description =
                "Takes back an identity with all its certificates and join tokens, or one certificate: sidecars refuse it at once.")
public final class CertsRevokeCommand implements Callable<Integer> {
    private final Invocation invocation;

    /** Exactly one of them. */
    static final class What extends WhoseIdentity {
        @Option(
                names = "--serial",
                required = true,
                paramLabel = "SERIAL",
                description = "one certificate: its serial number, or the first digits of it")
        private String serial = "";

        @Override
        String kind() {
            return super.value().isEmpty() ? "serial" : super.kind();
        }

        @Override
        String value() {
            return super.value() + serial;
        }
    }

    @ArgGroup(multiplicity = "1")
    private What what = new What();

    @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "why, for the record")
    private String reason;

    @Option(names = "--yes", description = "do not ask")
    private boolean yes;

    public CertsRevokeCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        try (ControlPlaneApi api = invocation.api()) {
            if (!yes) {
                confirm(api);
            }
            JsonNode revoked = api.revoke(what.kind(), what.value(), reason);
            if (json) {
                invocation.print(revoked);
                return 0;
            }
            String identity = revoked.path("identity").asText();
            String serials = Counted.of(revoked.path("serials").size(), "certificate");
            invocation.print(
                    what.kind().equals("serial")
                            ? "revoked certificate "
                                    + revoked.path("serials").path(0).asText() + " of " + identity
                            : "revoked " + identity + " with " + serials
                                    + "; it gets no other until: sallyport certs reinstate --identity " + identity);
        }
        return 0;
    }

    /** Whoever cannot be asked must have said yes before. */
    private void confirm(ControlPlaneApi api) throws CliException {
        Optional<Console> console = Optional.ofNullable(System.console()).filter(_ -> invocation.terminal());
        if (console.isEmpty()) {
            throw invocation.usage("certs revoke: expected --yes, for nobody can be asked here");
        }
        String effect = what.kind().equals("serial")
                ? "its sidecar loses its connections and cannot renew"
                : Counted.of(valid(api), "certificate") + " that count now, and its join tokens, are lost for good";
        console.get().printf("Revoke %s %s? %s. [yes/no] ", what.kind(), what.value(), effect);
        if (!"yes".equals(console.get().readLine())) {
            throw new CliException("certs revoke: nothing was revoked (expected: yes)");
        }
    }

    private long valid(ControlPlaneApi api) throws CliException {
        boolean service = what.kind().equals("service");
        return api.certificates(service ? what.value() : "", service ? "" : what.value(), false)
                .path("certificates")
                .size();
    }
}
