package dev.sallyport.cli.demo;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Colour;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** One shop, from its start through its steps to its end. */
final class Demonstration {
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
    private final DemoFolder folder;
    private final Shop shop;
    private boolean ended; // guarded by this
    private volatile boolean interrupted;

    /** {@code vault}: who signs, when not the control plane itself. */
    Demonstration(Invocation invocation, DemoFolder folder, Optional<ShopVault> vault) {
        this.invocation = invocation;
        this.folder = folder;
        this.shop = new Shop(folder, vault);
        // Ctrl-C, SIGTERM, and the end of a run that failed: nothing is left behind. After SIGKILL the children see
        // their standard input end.
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            interrupted = true;
            end();
        }));
    }

    /** What happens once the steps are over and the shop is still up. */
    interface Afterwards {
        void with(Scene scene) throws IOException;
    }

    /** Whether every step held. Nothing of the shop is left when it returns. */
    boolean run(boolean json, Afterwards afterwards) throws IOException, CliException, InterruptedException {
        Path example = example();
        Ledger ledger = new Ledger();
        try (Client client = new Client(ledger)) {
            Scene scene = new Scene(folder, shop, ledger, client, new Records(folder));
            long started = System.nanoTime();
            Map<Step, Observation> observations = steps(scene, example, json);
            boolean held = observations.values().stream().allMatch(Observation::ok);
            if (!interrupted) {
                if (json) {
                    invocation.print(json(observations));
                }
                invocation.say((held ? "all " : "not all ") + observations.size() + " steps held, in "
                        + (System.nanoTime() - started) / 1_000_000_000 + " s"
                        + shop.vault().map(vault -> ", " + vault.kind().code()).orElse(""));
                afterwards.with(scene);
            }
            return held;
        } finally {
            end();
        }
    }

    /** A Vault has a step of its own, the last before the account. */
    private List<Step> wanted() {
        List<Step> wanted = new ArrayList<>(STEPS);
        if (shop.vault().isPresent()) {
            wanted.add(wanted.size() - 1, new VaultGoneStep());
        }
        return wanted;
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
        for (Step step : wanted()) {
            Observation observation = new Observation();
            try {
                if (observations.isEmpty()) {
                    invocation.say("starting a control plane, an identity provider, "
                            + shop.vault().map(vault -> "a Vault, ").orElse("") + "five services and six sidecars");
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
            if (interrupted) {
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

    /** Once, whoever comes first; the other waits for it. */
    private synchronized void end() {
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
