package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.load.NewConnections;
import dev.sallyport.benchmarks.load.Plan;
import dev.sallyport.benchmarks.pair.BenchMesh;
import dev.sallyport.benchmarks.pair.CallerKeys;
import dev.sallyport.benchmarks.pair.InboundAlone;
import dev.sallyport.benchmarks.pair.Pair;
import io.netty.handler.ssl.SslContext;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench handshake}: what a new connection of a peer costs the callee's side: TLS 1.3 with certificates on both sides, one request, and its end. */
@Command(
        name = "handshake",
        description = {
            "CPU of the callee's proxy for a new mutual TLS connection with one request, at a fixed rate; beside peers"
                    + " with the same certificates.",
            "known: the caller's certificate was seen before.  fresh: it was not, each time."
        },
        sortOptions = false)
final class HandshakeCommand implements Callable<Integer> {
    private static final List<String> USUAL = List.of("nginx", "haproxy", "envoy", "envoy-full", "sallyport");
    private static final String KNOWN = "known";
    private static final String FRESH = "fresh";
    private static final Duration ROUND_WARM_UP = Duration.ofSeconds(1);
    /** Twice what a sidecar remembers of verified certificates: each is forgotten when it comes again. */
    private static final int CALLERS = 8192;

    private static final int AT_ONCE_MAX = 256;
    private static final int BYTES = 64;

    @Mixin
    private RunOptions options;

    @Mixin
    private PairOptions pairs;

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "200",
            description = "new connections a second (default: ${DEFAULT-VALUE}; a sidecar takes up to 500)")
    private int rate;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "for each of both, in each round (default: 5; quick: 2)")
    private Optional<Integer> seconds = Optional.empty();

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description =
                    "once before the rounds, for each of both (default: 15; quick: 5); each round warms up for 1 s"
                            + " more")
    private Optional<Integer> warmUp = Optional.empty();

    @Override
    public Integer call() throws IOException, InterruptedException {
        pairs.check(options, USUAL);
        options.within("--rate", rate, 1, 500);
        Duration measured = options.seconds("--seconds", seconds, 5, 2);
        Duration warm = options.seconds("--warm-up", warmUp, 15, 5);
        int rounds = options.rounds(7, 2);
        long seed = options.seed();
        Instant started = Instant.now();
        Path file = options.json(started);
        List<String> leftOut = new ArrayList<>();
        List<LoadsRound> done = new ArrayList<>();
        List<String> names;
        try (Session session = new Session();
                NewConnections load = new NewConnections()) {
            BenchMesh mesh = BenchMesh.write(session.workplace().folder("mesh"), CALLERS);
            List<Pair> running = start(session, mesh, leftOut);
            names = running.stream().map(Pair::name).toList();
            // Turns of its own for each: else one would see only some of the many, and these too soon again.
            Map<String, Callers> callers = new HashMap<>();
            Callers all = new Callers(mesh.caller(), mesh.callers(CALLERS));
            names.forEach(name -> callers.put(name, all.again()));
            for (Pair pair : running) {
                Bench.say("warming up " + pair.name());
                Plan plan = plan(pair, mesh, Duration.ZERO, warm);
                callers.get(pair.name()).both(keys -> {
                    run(load, plan, keys, session.account(pair.parts()));
                    return Optional.empty();
                });
            }
            Random random = new Random(seed);
            for (int round = 1; round <= rounds; round++) {
                Collections.shuffle(running, random);
                Bench.say("round " + round + " of " + rounds);
                done.add(round(session, load, mesh, callers, running, measured));
            }
        }
        return report(started, seed, file, names, leftOut, done);
    }

    /** The caller's one certificate, and its many. */
    private record Callers(CallerKeys known, CallerKeys fresh) {
        Callers again() {
            return new Callers(known.again(), fresh.again());
        }

        <T> List<T> both(Function<CallerKeys, T> work) {
            return List.of(work.apply(known), work.apply(fresh));
        }
    }

    /** The inbound sides of those that have one which can run alone. */
    private List<Pair> start(Session session, BenchMesh mesh, List<String> leftOut)
            throws IOException, InterruptedException {
        List<Pair> running = new ArrayList<>();
        for (Pair.Starter starter : pairs.configurations(session.workplace(), mesh, session.backend(), leftOut)) {
            if (starter instanceof InboundAlone alone) {
                Bench.say("starting " + starter.name());
                running.add(alone.inbound().start());
            } else {
                leftOut.add(starter.name());
                Bench.say(starter.name() + ": left out, it has no callee's side that runs alone");
            }
        }
        return running;
    }

    private Plan plan(Pair pair, BenchMesh mesh, Duration warm, Duration measured) {
        byte[] request =
                ("GET /bytes/" + BYTES + " HTTP/1.1\r\n" + mesh.headers() + "\r\n").getBytes(StandardCharsets.US_ASCII);
        return new Plan(pair.address(), List.of(request), BYTES, AT_ONCE_MAX, OptionalDouble.of(rate), warm, measured);
    }

    private static Phase run(NewConnections load, Plan plan, CallerKeys keys, Account account) {
        SslContext tls = keys.tls();
        try {
            return Phase.of(load.run(plan, tls, BenchMesh.serverName(), account::begin, account::end), account);
        } finally {
            ReferenceCountUtil.release(tls);
        }
    }

    private LoadsRound round(
            Session session,
            NewConnections load,
            BenchMesh mesh,
            Map<String, Callers> callers,
            List<Pair> order,
            Duration measured) {
        Map<String, Map<String, Phase>> results = new LinkedHashMap<>();
        Noise noise = Noise.NONE;
        for (Pair pair : order) {
            List<Account> accounts = new ArrayList<>();
            List<Phase> phases = callers.get(pair.name()).both(keys -> {
                Account account = session.account(pair.parts());
                accounts.add(account);
                return run(load, plan(pair, mesh, ROUND_WARM_UP, measured), keys, account);
            });
            Map<String, Phase> both = new LinkedHashMap<>();
            both.put(KNOWN, phases.getFirst());
            both.put(FRESH, phases.getLast());
            results.put(pair.name(), both);
            for (Account account : accounts) {
                noise = noise.plus(account);
            }
        }
        return new LoadsRound(results, noise);
    }

    private int report(
            Instant started, long seed, Path file, List<String> names, List<String> leftOut, List<LoadsRound> rounds)
            throws IOException {
        Comparison<LoadsRound> comparison = comparison(names, rounds);
        ObjectNode json = Report.begin("handshake", options, started, seed, leftOut);
        json.putObject("plan").put("rate", rate).put("callers", CALLERS);
        String head = rate + " new connections/s with one request each; " + rounds.size() + " rounds, seed " + seed
                + Report.leftOut(leftOut);
        Report.publish(file, json, head, rounds, comparison);
        long failed = rounds.stream()
                .flatMapToLong(round -> names.stream().mapToLong(round::failed))
                .sum();
        if (failed > 0) {
            Bench.say(failed + " connections failed (expected: none)");
        }
        return failed > 0 ? Bench.FAILED : 0;
    }

    private static Comparison<LoadsRound> comparison(List<String> names, List<LoadsRound> rounds) {
        Comparison<LoadsRound> comparison = new Comparison<>(names, rounds);
        figure(comparison, "known: CPU, µs/connection", KNOWN, HandshakeCommand::cpu);
        figure(comparison, "  p50, µs", KNOWN, phase -> phase.micros(50));
        figure(comparison, "  p99, µs", KNOWN, phase -> phase.micros(99));
        figure(comparison, "fresh: CPU, µs/connection", FRESH, HandshakeCommand::cpu);
        figure(comparison, "  p50, µs", FRESH, phase -> phase.micros(50));
        figure(comparison, "  p99, µs", FRESH, phase -> phase.micros(99));
        return comparison.figure("failed", 0, (round, name) -> Optional.of((double) round.failed(name)));
    }

    private static double cpu(Phase phase) {
        return phase.cpuMicros().getOrDefault("inbound", 0.0);
    }

    private static void figure(
            Comparison<LoadsRound> comparison, String label, String which, ToDoubleFunction<Phase> of) {
        comparison.figure(label, 0, (round, name) -> Optional.of(of.applyAsDouble(round.phase(name, which))));
    }
}
