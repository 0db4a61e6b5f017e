package dev.sallyport.cli.drill;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Counted;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.SerialsInUse;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;

/** {@code certs drill root}: the whole mesh goes over to a new root, which is real: the old one is gone afterwards. The first request that fails takes it back. */
@Command(
        description = {
            "Replaces the root of the mesh under traffic, and counts who noticed.",
            "It is no play: the old root is gone afterwards. A request that fails, or somebody who does not follow, takes it back as long as that is possible."
        })
public final class RootDrill extends DrillCommand {
    private static final Duration POLL = Duration.ofMillis(200);

    public RootDrill(Invocation invocation) {
        super(invocation, "root");
    }

    @Override
    void exercise(Course course) throws CliException, InterruptedException {
        SerialsInUse before = course.serials();
        String root = root(course.api().authorities());
        JsonNode begun =
                course.api().rotateAuthority(Invocation.JSON.createObjectNode().put("subject", "root"));
        try {
            follow(course, begun.path("rotation"));
        } catch (CliException e) {
            takeBack(course);
            throw e;
        }
        if (root(course.api().authorities()).equals(root)) {
            throw new CliException("root: still " + root + " (expected: another one)");
        }
        List<String> unchanged = before.unchanged(course.serials());
        if (!unchanged.isEmpty()) {
            throw new CliException(
                    ExitCode.FAILURE,
                    Counted.of(unchanged.size(), "sidecar") + " without a certificate of the new root",
                    unchanged);
        }
        course.watch(course.length().minus(course.elapsed()));
    }

    /** Each phase of the rotation is a part of the drill. */
    private static void follow(Course course, JsonNode begun) throws CliException, InterruptedException {
        long end = System.nanoTime() + course.patience().toNanos();
        long since = System.nanoTime();
        JsonNode rotation = begun;
        while (!phase(rotation).equals("done")) {
            if (System.nanoTime() - end >= 0) {
                throw new CliException(
                        ExitCode.TIMEOUT,
                        "rotation: not done after " + Course.text(course.patience()) + ", at " + phase(rotation),
                        missing(rotation));
            }
            course.check();
            Thread.sleep(POLL);
            JsonNode next = course.api().authorities().path("rotation");
            if (phase(next).equals("aborted")
                    || next.path("id").asInt() != begun.path("id").asInt()) {
                throw new CliException(
                        "rotation: aborted: " + next.path("because").asText("another one followed"));
            }
            if (!phase(next).equals(phase(rotation))) {
                course.done(phase(rotation), since);
                since = System.nanoTime();
            }
            rotation = next;
        }
    }

    private static List<String> missing(JsonNode rotation) {
        List<String> missing = new ArrayList<>();
        rotation.at("/gate/missing")
                .forEach(one -> missing.add("  " + one.path("name").asText() + ": "
                        + one.path("reason").asText()));
        return missing;
    }

    /** Before the old root is retired; after it only forward is a way. */
    private static void takeBack(Course course) {
        try {
            String phase = course.api().abortRotation().at("/rotation/phase").asText();
            course.say("the rotation is taken back, now at " + phase + "; see: sallyport ca status");
        } catch (CliException e) {
            course.say("the rotation is not taken back: " + e.getMessage());
        }
    }

    private static String phase(JsonNode rotation) {
        return rotation.path("phase").asText();
    }

    private static String root(JsonNode ca) {
        for (JsonNode generation : ca.path("generations")) {
            if (generation.path("number").asInt() == ca.path("active").asInt()) {
                return generation.at("/roots/0/fingerprint").asText();
            }
        }
        return "";
    }
}
