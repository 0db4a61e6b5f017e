package dev.sallyport.cli.drill;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.OutageLine;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Option;

/** What all drills have: traffic before, during and after, the outage budget before and after, a record, and an end that says whether anybody noticed. */
abstract class DrillCommand implements Callable<Integer> {
    /** A tenth of the drill, of traffic before and after, but no more than this. */
    private static final Duration CALM_MAX = Duration.ofSeconds(2);

    private static final int RATE_MAX = 1000;

    private final Invocation invocation;
    private final String kind;

    @Option(
            names = "--duration",
            paramLabel = "DURATION",
            defaultValue = "60s",
            description = "how long it lasts (default: ${DEFAULT-VALUE})")
    private Duration duration;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "3m",
            description = "how long everybody may take to follow (default: ${DEFAULT-VALUE})")
    private Duration timeout;

    @Option(
            names = "--probe",
            paramLabel = "URL",
            description =
                    "a request through the mesh to send all the while, as 'http://127.0.0.1:9001/ping' or 'POST http://…' with the body {}; repeatable, taken in turn")
    private List<String> probes = List.of();

    @Option(names = "--header", paramLabel = "NAME: VALUE", description = "of every probe; repeatable")
    private List<String> headers = List.of();

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "50",
            description = "probes a second, whatever became of those before (default: ${DEFAULT-VALUE})")
    private int rate;

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            description = "a sidecar's metrics page, whose requests and failures count too; repeatable")
    private List<String> metrics = List.of();

    DrillCommand(Invocation invocation, String kind) {
        this.invocation = invocation;
        this.kind = kind;
    }

    /** What is practised. CliException: it did not happen as it must. */
    abstract void exercise(Course course) throws CliException, InterruptedException;

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        if (probes.isEmpty() && metrics.isEmpty()) {
            throw invocation.usage(
                    "certs drill " + kind + ": no traffic to watch (expected: --probe URL or --metrics HOST:PORT)");
        }
        if (rate < 1 || rate > RATE_MAX) {
            throw invocation.usage("--rate: " + rate + " (expected: 1 to " + RATE_MAX + ")");
        }
        try (ControlPlaneApi api = invocation.api();
                Traffic traffic = Traffic.start(probes, headers, rate, metrics)) {
            List<String> before = budget(api);
            DrillOutcome outcome = run(api, traffic);
            return end(api, outcome, before, json);
        } catch (IllegalArgumentException e) {
            throw invocation.usage("--probe: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("drill: interrupted");
        }
    }

    private DrillOutcome run(ControlPlaneApi api, Traffic traffic) throws CliException, InterruptedException {
        Instant started = now();
        Course course = new Course(api, traffic, duration, timeout, this::progress);
        Optional<String> problem = Optional.empty();
        try {
            course.watch(calm());
            exercise(course);
            course.watch(calm());
        } catch (CliException e) {
            problem =
                    Optional.of(e.getMessage() + (e.details().isEmpty() ? "" : ":\n" + String.join("\n", e.details())));
        } finally {
            traffic.stop();
        }
        return new DrillOutcome(kind, started, now(), traffic.result(), course.phases(), problem);
    }

    private Duration calm() {
        Duration tenth = duration.dividedBy(10);
        return tenth.compareTo(CALM_MAX) < 0 ? tenth : CALM_MAX;
    }

    /** Printed first: what came of it must not be lost with a control plane that cannot keep it. */
    private int end(ControlPlaneApi api, DrillOutcome outcome, List<String> before, boolean json) throws CliException {
        List<String> after = budget(api);
        if (json) {
            ObjectNode answer = outcome.json();
            before.forEach(answer.putArray("before")::add);
            after.forEach(answer.putArray("after")::add);
            invocation.print(answer);
        } else {
            outcome.lines().forEach(invocation::print);
            before.forEach(line -> invocation.print("  before: " + line));
            after.forEach(line -> invocation.print("  after: " + line));
        }
        progress("on record as drill "
                + api.recordDrill(outcome.record()).path("id").asLong());
        return (outcome.passed() ? ExitCode.OK : ExitCode.FAILURE).number();
    }

    private static List<String> budget(ControlPlaneApi api) throws CliException {
        return OutageLine.of(api.status(), Instant.now()).stream()
                .map(OutageLine::text)
                .toList();
    }

    /** Whole seconds, as documents have them. */
    private static Instant now() {
        return Instant.now().truncatedTo(ChronoUnit.SECONDS);
    }

    private void progress(String line) {
        invocation.say("drill " + kind + ": " + line);
    }
}
