package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.DecisionCost;
import dev.sallyport.benchmarks.growth.Curve;
import dev.sallyport.benchmarks.kernel.OpenFiles;
import dev.sallyport.benchmarks.load.Plan;
import dev.sallyport.benchmarks.pair.GrownMesh;
import dev.sallyport.benchmarks.pair.GrownMesh.Size;
import dev.sallyport.benchmarks.pair.GrownPair;
import dev.sallyport.benchmarks.pair.Pair;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** All points of all curves, with the pairs on which they are measured: started, warmed, and left running until the session ends. */
final class GrowthTrials {
    /** What is varied. */
    static final List<String> NAMES =
            List.of("rules", "routes", "issuers", "services", "connections", "bodies", "decisions");

    static final List<String> QUICK_NAMES = List.of("rules", "connections", "bodies", "decisions");

    private static final String CPU = "µs of CPU a request";
    private static final String PRIVATE = "private memory of the pair, MB";
    private static final Curve RULES = Curve.flat("rules: CPU", "rules, two a route", CPU);
    private static final Curve RULES_PRIVATE = Curve.linear("rules: memory", "rules, two a route", PRIVATE);
    private static final Curve RULES_MILLIS = Curve.linear("rules: snapshot", "rules, two a route", "ms to take it");
    private static final Curve RULES_BYTES =
            Curve.linear("rules: snapshot, bytes", "rules, two a route", "bytes of the snapshot");
    private static final Curve ROUTES = Curve.flat("routes: CPU", "routes that share 1,000 rules", CPU);
    private static final Curve ISSUERS = Curve.flat("issuers: CPU", "issuers", CPU);
    private static final Curve SERVICES = Curve.flat("services: CPU", "services of the mesh", CPU);
    private static final Curve SERVICES_PRIVATE = Curve.linear("services: memory", "services of the mesh", PRIVATE);
    private static final Curve SERVICES_MILLIS =
            Curve.linear("services: snapshot", "services of the mesh", "ms to take it");
    private static final Curve SERVICES_BYTES =
            Curve.linear("services: snapshot, bytes", "services of the mesh", "bytes of the snapshot");
    private static final Curve CONNECTIONS = Curve.flat("connections: CPU", "connections", CPU);
    private static final Curve CONNECTIONS_PRIVATE = Curve.linear("connections: memory", "connections", PRIVATE);
    private static final Curve BODY = Curve.linear("body: CPU", "bytes of the response's body", CPU);
    private static final Curve BODY_MEGABYTE =
            Curve.flat("body: CPU a MB", "bytes of the response's body", "µs of CPU a MB");
    private static final Curve DECIDE_RULES = Curve.flat("rules: decision", "rules of 10 routes", "ns of one decision");
    private static final Curve DECIDE_ROUTES =
            Curve.flat("routes: decision", "routes that share 20,000 rules", "ns of one decision");

    private static final int RATE = 1000;
    private static final int USUAL_CONNECTIONS = 16;
    private static final int BYTES = 1024;
    private static final int KILOBYTE = 1 << 10;
    private static final int MEGABYTE = 1 << 20;
    /** Files of a proxy, and of the load, that are no connections of the load. */
    private static final int OTHER_FILES = 512;
    /** Of peers, whose rules are called policies. */
    private static final Map<String, Integer> POLICIES = Map.of("envoy-full", 20, "envoy-200", 200, "envoy-1000", 1000);

    private final PairSession session;
    private final boolean quick;
    private final Duration warm;
    private final Duration roundWarm;
    private final Duration measured;
    private final Map<Size, GrownPair.Running> running = new LinkedHashMap<>();
    private final List<GrowthTrial> loads = new ArrayList<>();

    /** {@code warm}: of each pair, half of it as fast as it goes; {@code measured}: of each load in each round. */
    GrowthTrials(PairSession session, boolean quick, Duration warm, Duration measured) {
        this.session = session;
        this.quick = quick;
        this.warm = warm;
        this.roundWarm = Duration.ofMillis(quick ? 200 : 500);
        this.measured = measured;
    }

    /** Those that send requests, and snapshots; of the {@code chosen} sizes. */
    List<GrowthTrial> loads(List<String> chosen) throws IOException, InterruptedException {
        for (String name : chosen) {
            switch (name) {
                case "rules" -> rules();
                case "routes" -> routes();
                case "issuers" -> issuers();
                case "services" -> services();
                case "connections" -> connections(pair(Size.SMALL));
                case "bodies" -> bodies(pair(Size.SMALL));
                default -> {
                    // Decisions send nothing.
                }
            }
        }
        return loads;
    }

    private void rules() throws IOException, InterruptedException {
        for (int rules : quick ? List.of(20, 1000) : List.of(20, 200, 1000, 10_000)) {
            GrownPair.Running pair = pair(Size.SMALL.rules(rules));
            load(pair, rules, List.of(RULES), List.of(RULES_PRIVATE));
            loads.add(new SnapshotTrial(pair.snapshot(), rules, RULES_BYTES, RULES_MILLIS));
        }
        peers();
    }

    private void routes() throws IOException, InterruptedException {
        Size thousand = Size.SMALL.rules(1000);
        for (int routes : quick ? List.of(5, 500) : List.of(5, 50, 500)) {
            load(pair(thousand.routes(routes)), routes, List.of(ROUTES), List.of());
        }
    }

    private void issuers() throws IOException, InterruptedException {
        for (int issuers : quick ? List.of(1, 64) : List.of(1, 10, 64)) {
            load(pair(Size.SMALL.issuers(issuers)), issuers, List.of(ISSUERS), List.of());
        }
    }

    private void services() throws IOException, InterruptedException {
        for (int services : quick ? List.of(5, 1000) : List.of(5, 50, 200, 1000)) {
            GrownPair.Running pair = pair(Size.SMALL.services(services));
            load(pair, services, List.of(SERVICES), List.of(SERVICES_PRIVATE));
            loads.add(new SnapshotTrial(pair.snapshot(), services, SERVICES_BYTES, SERVICES_MILLIS));
        }
    }

    private void connections(GrownPair.Running pair) throws IOException {
        long limit = OpenFiles.limit();
        for (int connections : quick ? List.of(16, 128) : List.of(16, 128, 1000, 4000, 10_000)) {
            if (connections + OTHER_FILES > limit) {
                Bench.say(connections + " connections: left out, a process may open " + limit
                        + " files here (expected: ulimit -n of at least " + (connections + OTHER_FILES) + ")");
            } else {
                loads.add(new LoadTrial(
                        session,
                        pair.pair(),
                        plan(pair, BYTES, connections, RATE),
                        "sallyport",
                        connections,
                        List.of(CONNECTIONS),
                        List.of(CONNECTIONS_PRIVATE)));
            }
        }
    }

    private void bodies(GrownPair.Running pair) {
        body(pair, 0, RATE);
        body(pair, KILOBYTE, RATE);
        body(pair, 64 * KILOBYTE, RATE / 2);
        body(pair, MEGABYTE, RATE / 20);
        for (int megabytes : quick ? List.of(64) : List.of(64, 1024)) {
            loads.add(new BodyTrial(pair, (long) megabytes * MEGABYTE, BODY, BODY_MEGABYTE));
        }
    }

    private void body(GrownPair.Running pair, int bytes, int rate) {
        loads.add(new LoadTrial(
                session,
                pair.pair(),
                plan(pair, bytes, USUAL_CONNECTIONS, rate),
                "sallyport",
                bytes,
                List.of(BODY),
                List.of()));
    }

    /** Those that this machine has. */
    private void peers() throws IOException, InterruptedException {
        for (Pair.Starter starter : session.configurations()) {
            Integer policies = POLICIES.get(starter.name());
            if (policies != null) {
                Bench.say("starting " + starter.name());
                Pair pair = starter.start();
                Plan plan = session.plan(pair, USUAL_CONNECTIONS, BYTES).open(RATE, roundWarm, measured);
                warm(plan);
                loads.add(new LoadTrial(
                        session, pair, plan, "envoy-full", policies, List.of(RULES), List.of(RULES_PRIVATE)));
            }
        }
    }

    /** Those that decide, and send nothing; none unless {@code chosen} has them. */
    List<GrowthTrial> decisions(List<String> chosen) {
        if (!chosen.contains("decisions")) {
            return List.of();
        }
        Bench.say("compiling policies");
        Duration batch = Duration.ofMillis(quick ? 100 : 300);
        List<GrowthTrial> trials = new ArrayList<>();
        for (int rules : quick ? List.of(10, 1000, 10_000) : List.of(10, 100, 1000, 10_000, 100_000)) {
            trials.add(new DecisionTrial(new DecisionCost(10, rules), rules, batch, DECIDE_RULES));
        }
        for (int routes : quick ? List.of(10, 1000) : List.of(10, 100, 1000, 10_000)) {
            trials.add(new DecisionTrial(new DecisionCost(routes, 20_000), routes, batch, DECIDE_ROUTES));
        }
        return trials;
    }

    private void load(GrownPair.Running pair, int x, List<Curve> cpu, List<Curve> memory) {
        loads.add(new LoadTrial(
                session, pair.pair(), plan(pair, BYTES, USUAL_CONNECTIONS, RATE), "sallyport", x, cpu, memory));
    }

    private GrownPair.Running pair(Size size) throws IOException, InterruptedException {
        GrownPair.Running known = running.get(size);
        if (known != null) {
            return known;
        }
        Bench.say("starting sallyport with " + size.rules() + " rules of " + size.routes() + " routes, "
                + size.issuers() + " issuers, " + size.services() + " services");
        GrownMesh mesh = GrownMesh.write(session.workplace().folder("grown-" + running.size()), size);
        GrownPair.Running started =
                new GrownPair(RunOptions.launcher(), session.workplace(), mesh, session.backend()).start();
        running.put(size, started);
        warm(plan(started, BYTES, USUAL_CONNECTIONS, RATE));
        return started;
    }

    private void warm(Plan plan) {
        session.warmUp(plan.closed(Duration.ZERO, warm.dividedBy(2)));
        session.warmUp(plan.open(RATE, Duration.ZERO, warm.dividedBy(2)));
    }

    private Plan plan(GrownPair.Running pair, int bytes, int connections, int rate) {
        byte[] request = pair.mesh().request(bytes).getBytes(StandardCharsets.US_ASCII);
        return new Plan(
                pair.pair().address(),
                List.of(request),
                bytes,
                connections,
                OptionalDouble.of(rate),
                roundWarm,
                measured);
    }
}
