package dev.sallyport.cli.run;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Launch;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * {@code run}: sidecar first, command second, and out in the reverse order. Standard input, output and error belong to the command; the sidecar's messages go to stderr.
 */
@Command(description = "Starts a sidecar, then COMMAND beside it; ends with the exit code of COMMAND.")
public final class RunCommand implements Callable<Integer> {
    private static final String ANY_PORT = "127.0.0.1:0";
    private static final Duration COMMAND_GRACE = Duration.ofSeconds(10);

    private final Invocation invocation;

    @Option(
            names = "--service",
            required = true,
            paramLabel = "SERVICE",
            description = "what COMMAND is: a service that the Mesh declares")
    private String service;

    @Option(names = "--application", required = true, paramLabel = "HOST:PORT", description = "where COMMAND listens")
    private String application;

    @Option(
            names = "--state",
            paramLabel = "DIR",
            description = "the sidecar's state (default: ~/.local/state/sallyport/SERVICE)")
    private Optional<Path> state = Optional.empty();

    @Option(
            names = "--join-file",
            paramLabel = "FILE",
            description = "from sallyport token create; without it the administrator's context makes one")
    private Optional<Path> joinFile = Optional.empty();

    @Option(
            names = "--upstream",
            paramLabel = "NAME=HOST:PORT",
            description =
                    "a loopback listener for one destination; repeatable. COMMAND finds it in SALLYPORT_UPSTREAM_<NAME>")
    private List<String> upstreams = List.of();

    @Option(
            names = "--inbound",
            paramLabel = "HOST:PORT",
            defaultValue = ANY_PORT,
            description = "where other sidecars reach this one (default: ${DEFAULT-VALUE})")
    private String inbound;

    @Option(
            names = "--timeout",
            paramLabel = "DURATION",
            defaultValue = "60s",
            description = "how long the sidecar may take to be ready (default: ${DEFAULT-VALUE})")
    private Duration timeout;

    @Parameters(arity = "1..*", paramLabel = "COMMAND", description = "after --: the command and its arguments")
    private List<String> command;

    public RunCommand(Invocation invocation) {
        this.invocation = invocation;
    }

    @Override
    public Integer call() throws CliException {
        boolean json = invocation.json();
        Path folder = state.orElseGet(this::defaultState).toAbsolutePath();
        try (Signals signals = new Signals(invocation.terminal())) {
            try (Membership membership = Membership.of(invocation, service, folder, joinFile);
                    Launch sidecar =
                            Launch.start(invocation::relay, "proxy", arguments(folder, membership.joinFile()))) {
                invocation.say("starting the sidecar of " + service);
                JsonNode ready = sidecar.awaitReady(timeout);
                membership.forget();
                if (json) {
                    invocation.relay(ready.toString());
                } else {
                    invocation.say("sidecar ready: " + ready.path("spiffeId").asText() + ", inbound "
                            + ready.path("inbound").asText() + ", admin "
                            + ready.path("admin").asText());
                }
                return beside(sidecar, ready, signals);
            } catch (CliException e) {
                if (signals.first().isPresent()) {
                    return 128 + signals.first().get().number(); // the signal was the answer
                }
                throw e;
            }
        }
    }

    private Path defaultState() {
        String xdg = invocation.environment().getOrDefault("XDG_STATE_HOME", "");
        Path base = xdg.startsWith("/") ? Path.of(xdg) : Path.of(System.getProperty("user.home"), ".local", "state");
        return base.resolve("sallyport").resolve(service);
    }

    /** Several sidecars share a development machine: every port but the named ones is free. */
    private List<String> arguments(Path folder, Optional<Path> join) {
        List<String> arguments = new ArrayList<>(List.of(
                "--service",
                service,
                "--application",
                application,
                "--state",
                folder.toString(),
                "--inbound",
                inbound));
        for (String listener : List.of("--outbound", "--admin", "--metrics", "--health")) {
            arguments.addAll(List.of(listener, ANY_PORT));
        }
        join.ifPresent(file ->
                arguments.addAll(List.of("--join-file", file.toAbsolutePath().toString())));
        for (String upstream : upstreams) {
            arguments.addAll(List.of("--upstream", upstream));
        }
        return arguments;
    }

    private int beside(Launch sidecar, JsonNode ready, Signals signals) throws CliException {
        Process process = start(ready);
        signals.passTo(process);
        CompletableFuture<Process> ended = process.onExit();
        try {
            CompletableFuture.anyOf(ended, sidecar.onExit()).get();
            if (!ended.isDone() && process.isAlive()) {
                stop(process);
                throw new CliException("sidecar: ended by itself; " + command.getFirst()
                        + " was stopped (expected: a sidecar that outlives its command)");
            }
            return process.exitValue();
        } catch (InterruptedException | ExecutionException e) {
            stop(process);
            throw new CliException("run: interrupted");
        }
    }

    private Process start(JsonNode ready) throws CliException {
        ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
        builder.environment().putAll(addresses(ready));
        try {
            return builder.start();
        } catch (IOException e) {
            throw new CliException(command.getFirst() + ": cannot be started (expected: a program on the PATH)");
        }
    }

    /** Where the command finds the mesh. */
    private static Map<String, String> addresses(JsonNode ready) {
        Map<String, String> addresses = new TreeMap<>();
        addresses.put("SALLYPORT_OUTBOUND", ready.path("outbound").asText());
        ready.path("upstreams")
                .properties()
                .forEach(upstream -> addresses.put(
                        "SALLYPORT_UPSTREAM_" + variable(upstream.getKey()),
                        upstream.getValue().asText()));
        return addresses;
    }

    /** {@code order-store} → {@code ORDER_STORE}; {@code payment:8080} → {@code PAYMENT_8080}. */
    private static String variable(String name) {
        return name.toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_').replace(':', '_');
    }

    private static void stop(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(COMMAND_GRACE.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
