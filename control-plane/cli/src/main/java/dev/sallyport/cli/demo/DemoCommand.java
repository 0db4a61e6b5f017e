package dev.sallyport.cli.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicBoolean;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code demo}: starts the shop, takes the nine steps, and stays up for whoever wants to go on. */
@Command(
        description =
                "A shop of five services behind sidecars: nine steps, each with what was seen and how to repeat it.")
public final class DemoCommand implements Callable<Integer> {
    private static final List<Step> STEPS = List.of(
            new StartedStep(),
            new ChainStep(),
            new DenialStep(),
            new TokensStep(),
            new StrangersStep(),
            new PolicyChangeStep(),
            new RotationStep(),
            new OutageStep(),
            new AuditStep());

    private final Invocation invocation;
    private final AtomicBoolean interrupted = new AtomicBoolean();
    private boolean ended; // guarded by this

    @Option(names = "--exit", description = "stop after the steps; exit code 0 only if every one held")
    private boolean exit;

    @Option(
            names = "--keep",
            paramLabel = "DIR",
            description = "leave policies, state and logs in this new or empty folder")
    private Optional<Path> keep = Optional.empty();

    public DemoCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws IOException, CliException, InterruptedException {
        boolean json = invocation.json();
        Path example = example();
        DemoFolder folder = keep.isPresent() ? DemoFolder.kept(keep.get()) : DemoFolder.temporary();
        Ledger ledger = new Ledger();
        Shop shop = new Shop(folder);
        // Ctrl-C, SIGTERM, and the end of a run that failed: nothing is left behind. After SIGKILL the children see
        // their standard input end.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            interrupted.set(true);
            end(shop, folder);
        }));
        try (Client client = new Client(ledger)) {
            Scene scene = new Scene(folder, shop, ledger, client, new Records(folder));
            long started = System.nanoTime();
            Map<Step, Observation> observations = steps(scene, example, json);
            boolean held = observations.values().stream().allMatch(Observation::ok);
            if (!interrupted.get()) {
                if (json) {
                    invocation.print(json(observations));
                }
                invocation.say((held ? "all " : "not all ") + STEPS.size() + " steps held, in "
                        + (System.nanoTime() - started) / 1_000_000_000 + " s");
                if (!exit) {
                    stayUp(scene);
                }
            }
            return (held ? ExitCode.OK : ExitCode.FAILURE).number();
        } finally {
            end(shop, folder);
        }
    }

    private static Path example() throws CliException {
        Path example = Path.of(System.getProperty("sallyport.home", ""), "examples", "shop");
        if (!Files.isDirectory(example)) {
            throw new CliException(
                    example + ": not found (expected: the shop's documents, beside the launcher's libraries)");
        }
        return example;
    }

    private Map<Step, Observation> steps(Scene scene, Path example, boolean json) throws InterruptedException {
        Map<Step, Observation> observations = new LinkedHashMap<>();
        Optional<String> notStarted = Optional.empty();
        for (Step step : STEPS) {
            Observation observation = new Observation();
            try {
                if (observations.isEmpty()) {
                    invocation.say("starting a control plane, an identity provider, five services and six sidecars");
                    scene.shop().start(example, scene.client());
                }
                if (notStarted.isPresent()) {
                    observation.failed(notStarted.get());
                } else {
                    step.run(scene, observation);
                }
            } catch (CliException e) {
                observation.failed(String.valueOf(e.getMessage()));
                e.details().forEach(observation::saw);
            } catch (IOException | RuntimeException e) {
                observation.failed(e.toString());
            }
            if (interrupted.get()) {
                break; // What fails now fails because we stop.
            }
            if (observations.isEmpty() && !observation.ok()) {
                notStarted = Optional.of("not tried, because the shop did not start");
            }
            observations.put(step, observation);
            if (!json) {
                print(observations.size(), step, observation);
            }
        }
        return observations;
    }

    private void print(int number, Step step, Observation observation) {
        String mark = observation.ok() ? invocation.paint(Colour.GOOD, "√") : invocation.paint(Colour.BAD, "×");
        invocation.print(number + " " + mark + " " + invocation.paint(Colour.STRONG, step.name()));
        observation.seen().forEach(line -> invocation.print("      " + Table.visible(line)));
        observation.repeat().forEach(line -> invocation.print(invocation.paint(Colour.FAINT, "    $ " + line)));
        invocation.print("");
    }

    /** {@code seen} and {@code repeat} are texts of one or more lines. */
    static ObjectNode json(Map<Step, Observation> observations) {
        ObjectNode json = Invocation.JSON.createObjectNode();
        ArrayNode steps = json.putArray("steps");
        observations.forEach((step, observation) -> steps.addObject()
                .put("name", step.name())
                .put("ok", observation.ok())
                .put("seen", String.join("\n", observation.seen()))
                .put("repeat", String.join("\n", observation.repeat())));
        return json;
    }

    private void stayUp(Scene scene) throws IOException {
        invocation.say("the shop stays up until Ctrl-C, or the end of standard input. What to try:");
        List<String> commands = List.of(
                scene.curlCheckout().getFirst(),
                scene.curlCheckout().getLast(),
                "$EDITOR " + Scene.quoted(scene.folder().policies().resolve("payment.yaml"))
                        + "   # saved is live; a mistake is refused whole, see "
                        + scene.folder().log("control-plane"),
                Scene.shell("status", "--context", scene.shop().context().toString()),
                Scene.shell(
                        "explain",
                        "DECISION_ID",
                        "--state",
                        scene.folder().state().toString()));
        commands.forEach(command -> invocation.say("  " + command));
        while (System.in.read() >= 0) {
            // whatever is typed, only its end counts
        }
    }

    /** Once, whoever comes first; the other waits for it. */
    private synchronized void end(Shop shop, DemoFolder folder) {
        if (ended) {
            return;
        }
        ended = true;
        shop.close();
        try {
            folder.delete();
        } catch (IOException e) {
            invocation.say(folder.root() + ": cannot be deleted: " + e.getMessage());
        }
    }
}
