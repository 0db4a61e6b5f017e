package dev.sallyport.cli.drill;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Rollout;
import dev.sallyport.cli.SerialsInUse;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code certs drill authority-outage}: the control plane signs nothing for a while, everybody wants a new certificate meanwhile, and all get one once it is over, without being asked again. */
@Command(
        description =
                "Lets the authority sign nothing for a while, under traffic and with every sidecar trying to renew, then sees them catch up.")
public final class AuthorityOutageDrill extends DrillCommand {
    public AuthorityOutageDrill(Invocation invocation) {
        super(invocation, "authority-outage");
    }

    @Override
    void exercise(Course course) throws CliException, InterruptedException {
        SerialsInUse before = course.serials();
        course.api().beginOutage(course.length());
        try {
            course.phase(
                    "the authority signed nothing, and each of "
                            + Counted.of(before.bySidecar().size(), "sidecar") + " wanted a new certificate",
                    () -> {
                        course.api().rotate(Optional.empty());
                        course.watch(course.length());
                    });
            int kept = before.unchanged(course.serials()).size();
            if (kept < before.bySidecar().size()) {
                throw new CliException(
                        "outage: " + Counted.of(before.bySidecar().size() - kept, "sidecar")
                                + " got new certificates (expected: none; somebody else signs)");
            }
        } finally {
            course.api().endOutage(); // also when a request has failed: it would be a real one from then on
        }
        course.phase(
                "each of them has its new certificate after the end",
                () -> new Rollout(course.api())
                        .await(
                                "renewals after the outage",
                                course.patience(),
                                () -> before.unchanged(course.serials())));
    }
}
