package dev.sallyport.cli.drill;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Rollout;
import dev.sallyport.cli.SerialsInUse;
import java.util.Optional;
import picocli.CommandLine.Command;

/** {@code certs drill rotation}: every connected sidecar gets a new key and certificate. */
@Command(description = "Rotates the certificate of every sidecar under traffic, and counts who noticed.")
public final class RotationDrill extends DrillCommand {
    public RotationDrill(Invocation invocation) {
        super(invocation, "rotation");
    }

    @Override
    void exercise(Course course) throws CliException, InterruptedException {
        SerialsInUse before = course.serials();
        int sidecars = before.bySidecar().size();
        course.phase(
                Counted.of(sidecars, "sidecar") + " asked for new certificates",
                () -> course.api().rotate(Optional.empty()));
        course.phase(
                "each of them uses its new certificate",
                () -> new Rollout(course.api())
                        .await("rotation", course.patience(), () -> before.unchanged(course.serials())));
        course.watch(course.length().minus(course.elapsed()));
    }
}
