package dev.sallyport.cli.check;

import dev.sallyport.cli.AdminContext;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ControlPlaneApi;
import dev.sallyport.cli.Durations;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Invocation.Format;
import dev.sallyport.cli.StateFolders;
import dev.sallyport.cli.Table;
import dev.sallyport.cli.sidecar.AdminClient;
import dev.sallyport.document.HostPort;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code check}: looks at everything that it can reach; what fails does not keep it from looking further. */
@Command(
        description = {
            "Checks the mesh: what is wrong, or soon will be, each with the command that mends it and a page that explains it.",
            "  check --pre --state DIR                   a machine, before a sidecar runs on it",
            "  check --proxy --state DIR                 the sidecars of this machine, as their processes say",
            "  check --wait 2m -o short                  until all is well"
        })
public final class CheckCommand implements Callable<Integer> {
    private static final Duration POLL = Duration.ofSeconds(1);

    private final Invocation invocation;

    @Option(names = "--state", paramLabel = "DIR", description = "look into the state folders of sidecars here too")
    private Optional<Path> state = Optional.empty();

    @Option(names = "--pre", description = "only what a sidecar will need of this machine")
    private boolean pre;

    @Option(names = "--proxy", description = "ask the sidecars below --state too, by their admin ports")
    private boolean proxy;

    @Option(
            names = "--metrics",
            paramLabel = "HOST:PORT",
            description = "the control plane's metrics page (default: its host's port 15014, if it is there)")
    private Optional<String> metrics = Optional.empty();

    @Option(
            names = "--wait",
            paramLabel = "DURATION",
            description = "repeat until nothing fails; 7 when it still does then")
    private Optional<Duration> wait = Optional.empty();

    @Option(names = "--exit-code", description = "end with 5 when there are warnings only")
    private boolean exitCode;

    public CheckCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        Format format = invocation.format(Format.TABLE, Format.SHORT, Format.JSON);
        if (proxy && (state.isEmpty() || pre)) {
            throw invocation.usage(
                    "--proxy (expected: with --state DIR, the state folders of sidecars here, without --pre)");
        }
        Optional<HostPort> page = Optional.empty();
        if (metrics.isPresent()) {
            page = Optional.of(HostPort.parse(metrics.get())
                    .filter(address -> address.port() > 0)
                    .orElseThrow(() -> invocation.usage("--metrics: " + metrics.get() + " (expected: HOST:PORT)")));
        }
        CheckReport report = awaited(page);
        if (format == Format.JSON) {
            invocation.print(report.json());
        } else {
            report.print(invocation, format == Format.SHORT);
        }
        if (report.failed()) {
            return (wait.isPresent() ? ExitCode.TIMEOUT : ExitCode.FAILURE).number();
        }
        return (report.warned() && exitCode ? ExitCode.FINDINGS : ExitCode.OK).number();
    }

    private CheckReport awaited(Optional<HostPort> page) throws CliException {
        long begin = System.nanoTime();
        while (true) {
            CheckReport report = new CheckReport(pre ? pre() : repeatable(all(page)));
            Duration passed = Duration.ofNanos(System.nanoTime() - begin);
            if (!report.failed() || wait.isEmpty() || passed.compareTo(wait.get()) >= 0) {
                invocation.progress("");
                return report;
            }
            report.checks().stream()
                    .filter(check -> check.result() == Check.Result.FAILED)
                    .findFirst()
                    .ifPresent(check -> invocation.progress("waiting for " + Durations.text(passed) + ": × "
                            + Table.visible(check.what().lines().findFirst().orElse(""))));
            try {
                Thread.sleep(min(POLL, wait.get().minus(passed)));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new CliException("check: interrupted while waiting");
            }
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }

    /** What mends something by asking the control plane asks the one that was asked here. */
    private List<Check> repeatable(List<Check> checks) {
        return invocation
                .givenContext()
                .map(file -> checks.stream().map(check -> check.with(file)).toList())
                .orElse(checks);
    }

    private List<Check> pre() {
        return new PreChecks().all(Runtime.version().feature(), state, PreChecks.PORTS, Path.of("/proc/self/limits"));
    }

    private List<Check> all(Optional<HostPort> page) {
        List<Check> checks = new ArrayList<>();
        checks.add(Check.ok(CheckCode.JAVA, "command line", "java " + Runtime.version()));
        try (AdminClient pages = new AdminClient()) {
            OptionalLong revision = mesh(checks, pages, page);
            state.ifPresent(folder -> local(checks, pages, folder, revision));
        }
        return checks;
    }

    /** The control plane's revision, when it could be asked. */
    private OptionalLong mesh(List<Check> checks, AdminClient pages, Optional<HostPort> page) {
        Path file = invocation.contextFile();
        String ask = "sallyport check --context FILE   # the admin.json of the control plane";
        if (!Files.exists(file) && state.isPresent()) {
            checks.add(Check.warning(
                    CheckCode.CONTEXT, "context", "no context at " + file + ": the control plane was not asked", ask));
            return OptionalLong.empty();
        }
        AdminContext context;
        try {
            context = AdminContext.read(file);
        } catch (CliException e) {
            checks.add(Check.failed(
                    CheckCode.CONTEXT,
                    "context",
                    String.valueOf(e.getMessage()),
                    Files.exists(file) ? "chmod 600 " + file : ask));
            return OptionalLong.empty();
        }
        checks.add(Check.ok(CheckCode.CONTEXT, "context", file + ", mode 0600, of mesh " + context.mesh()));
        try (ControlPlaneApi api = invocation.api()) {
            MeshChecks mesh = new MeshChecks(context, api, pages, page, Instant.now());
            checks.addAll(mesh.all());
            return OptionalLong.of(mesh.revision());
        } catch (CliException e) {
            checks.add(Check.failed(
                    CheckCode.CONTROL_PLANE,
                    "control plane",
                    String.valueOf(e.getMessage()),
                    "sallyport control-plane --state DIR   # with its own flags"));
            return OptionalLong.empty();
        }
    }

    private void local(List<Check> checks, AdminClient pages, Path folder, OptionalLong revision) {
        try {
            for (Path stateFolder : StateFolders.below(folder)) {
                checks.addAll(new LocalChecks(stateFolder, Instant.now()).all());
                if (proxy) {
                    checks.addAll(new SidecarChecks(stateFolder, pages, revision, Instant.now()).all());
                }
            }
        } catch (CliException e) {
            checks.add(Check.failed(
                    CheckCode.STATE, "state", String.valueOf(e.getMessage()), "sallyport check --state DIR"));
        }
    }
}
