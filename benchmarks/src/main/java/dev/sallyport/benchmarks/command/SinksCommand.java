package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.kernel.ProcessMemory;
import dev.sallyport.benchmarks.load.Plan;
import dev.sallyport.benchmarks.loss.Namespace;
import dev.sallyport.benchmarks.loss.PacketLoss;
import dev.sallyport.benchmarks.pair.Part;
import dev.sallyport.benchmarks.pair.Sink;
import dev.sallyport.benchmarks.pair.SinkPair;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench sinks}: what a sink of spans that loses packets, never answers or refuses does to requests and to memory. */
@Command(
        name = "sinks",
        description =
                "Latency and memory of one pair, every request traced and in the access log, while the collector of its spans answers, loses half of its packets, never answers, or refuses.",
        footer =
                "%nLoss needs root, unshare, ip, and nft or iptables: the bench then runs in a network namespace of its own, and no packet outside of it is touched.",
        sortOptions = false)
final class SinksCommand implements Callable<Integer> {
    private static final String LOSSY = "lossy";
    private static final List<String> STATES = List.of("answers", LOSSY, "silent", "refuses");
    private static final Duration WARM_UP = Duration.ofSeconds(10);
    private static final Duration STATE_WARM_UP = Duration.ofSeconds(1);
    private static final Duration RECOVERY_STEP = Duration.ofSeconds(2);
    /** A sidecar's last attempt may take 10 s, its pause after it 10 s more. */
    private static final int RECOVERY_STEPS = 15;

    @Mixin
    private RunOptions options;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "STATE",
            description = "of answers, lossy, silent, refuses; several with commas (default: all)")
    private List<String> only = List.of();

    @Option(
            names = "--minutes",
            paramLabel = "N",
            description = "in each state at a stretch, in each round (default: 10; quick: 0.25)")
    private Optional<Double> minutes = Optional.empty();

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "1000",
            description = "requests a second (default: ${DEFAULT-VALUE})")
    private int rate;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "32",
            description = "keep-alive connections of the load (default: ${DEFAULT-VALUE})")
    private int connections;

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> states = new ArrayList<>(options.some("--only", only, STATES));
        options.within("--rate", rate, 1, 1_000_000);
        options.within("--connections", connections, 1, 1000);
        Duration measured = measured();
        int rounds = options.rounds(1, 1);
        long seed = options.seed();
        List<String> leftOut = new ArrayList<>();
        if (states.contains(LOSSY) && !Namespace.own()) {
            Optional<String> problem = Namespace.problem();
            if (problem.isEmpty()) {
                return Namespace.again();
            }
            leaveOut(problem.get(), states, leftOut);
        }
        Instant started = Instant.now();
        List<SinksRound> done = new ArrayList<>();
        try (PairSession session = new PairSession()) {
            Bench.say("starting a pair");
            try (SinkPair pair = SinkPair.start(session.sallyport())) {
                Optional<PacketLoss> loss = loss(pair, states, leftOut);
                Plan plan = session.plan(pair.pair(), connections, 1024);
                session.warmUp(plan.open(rate, Duration.ZERO, WARM_UP));
                List<String> order = new ArrayList<>(states);
                Random random = new Random(seed);
                for (int round = 1; round <= rounds; round++) {
                    Collections.shuffle(order, random);
                    Bench.say("round " + round + " of " + rounds + ": " + String.join(", ", order));
                    done.add(round(session, pair, loss, order, plan.open(rate, STATE_WARM_UP, measured)));
                }
            }
        }
        return report(started, seed, measured, states, leftOut, done);
    }

    private Duration measured() {
        double given = minutes.orElse(options.quick ? 0.25 : 10);
        if (!(given >= 0.05 && given <= 1440)) {
            throw options.usage("--minutes: " + given + " (expected: 0.05 to 1440)");
        }
        return Duration.ofMillis((long) (given * 60_000));
    }

    private static Optional<PacketLoss> loss(SinkPair pair, List<String> states, List<String> leftOut)
            throws InterruptedException {
        if (!states.contains(LOSSY)) {
            return Optional.empty();
        }
        try {
            return Optional.of(PacketLoss.on(pair.sink().address().getPort()));
        } catch (IOException e) {
            leaveOut(String.valueOf(e.getMessage()), states, leftOut);
            return Optional.empty();
        }
    }

    private static void leaveOut(String why, List<String> states, List<String> leftOut) {
        states.remove(LOSSY);
        leftOut.add(LOSSY);
        Bench.say(LOSSY + ": left out, " + why);
    }

    private SinksRound round(
            PairSession session, SinkPair pair, Optional<PacketLoss> loss, List<String> order, Plan plan)
            throws IOException, InterruptedException {
        Map<String, SinksRound.Measured> measured = new LinkedHashMap<>();
        Noise noise = Noise.NONE;
        for (String state : order) {
            recover(session, pair, plan);
            Account account = session.account(pair.pair());
            switch (state) {
                case LOSSY -> loss.orElseThrow().begin();
                case "silent" -> pair.sink().become(Sink.Behaviour.SILENT);
                case "refuses" -> pair.sink().become(Sink.Behaviour.REFUSES);
                default -> {}
            }
            measured.put(state, measure(session, pair, plan, account));
            if (loss.isPresent()) {
                loss.get().end();
            }
            noise = noise.plus(account);
        }
        return new SinksRound(measured, noise);
    }

    /** The same beginning for each state: the sink answers, and the pair has noticed. */
    private void recover(PairSession session, SinkPair pair, Plan plan) throws IOException {
        pair.sink().become(Sink.Behaviour.ANSWERS);
        long before = pair.counts().getOrDefault("spans sent", 0L);
        for (int i = 0; i < RECOVERY_STEPS; i++) {
            session.warmUp(plan.open(rate, Duration.ZERO, RECOVERY_STEP));
            if (pair.counts().getOrDefault("spans sent", 0L) - before > 2L * rate) {
                return;
            }
        }
        throw new IOException("the sink answers, but takes no spans within "
                + RECOVERY_STEP.multipliedBy(RECOVERY_STEPS).toSeconds() + " s");
    }

    private static SinksRound.Measured measure(PairSession session, SinkPair pair, Plan plan, Account account)
            throws IOException {
        for (Part part : pair.pair().parts()) {
            part.resetPeak();
        }
        Map<String, ProcessMemory> begin = memory(pair);
        Map<String, Long> counts = pair.counts();
        Phase phase = session.measure(plan, account);
        Map<String, Long> grown = pair.counts();
        counts.forEach((name, before) -> grown.computeIfPresent(name, (_, after) -> after - before));
        return new SinksRound.Measured(phase, begin, memory(pair), grown);
    }

    private static Map<String, ProcessMemory> memory(SinkPair pair) throws IOException {
        Map<String, ProcessMemory> memory = new LinkedHashMap<>();
        for (Part part : pair.pair().parts()) {
            memory.put(part.name(), part.memory());
        }
        return memory;
    }

    private int report(
            Instant started,
            long seed,
            Duration measured,
            List<String> states,
            List<String> leftOut,
            List<SinksRound> rounds)
            throws IOException {
        ObjectNode json = Report.begin("sinks", options, started, seed, leftOut);
        json.putObject("plan")
                .put("rate", rate)
                .put("connections", connections)
                .put("seconds", measured.toMillis() / 1e3);
        String head = rate + " requests/s on " + connections + " connections, each state for "
                + measured.toSeconds() + " s at a stretch; " + rounds.size() + " rounds, seed " + seed
                + Report.leftOut(leftOut);
        Report.publish(options.json(started), json, head, rounds, SinksTable.of(states, rounds));
        int code = 0;
        for (SinksRound round : rounds) {
            for (String state : round.order()) {
                if (round.of(state).phase().load().failed() > 0) {
                    Bench.say(state + ": wrong answers "
                            + round.of(state).phase().load().errors() + " (expected: none)");
                    code = Bench.FAILED;
                }
            }
        }
        return code;
    }
}
