package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.load.LoadResult;
import dev.sallyport.benchmarks.pair.TokenMesh;
import dev.sallyport.benchmarks.pair.TwoCallers;
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
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bench tokens}: what a user's token costs a request, and what one caller's bad tokens do to another's requests. */
@Command(
        name = "tokens",
        description = {
            "What a user's token costs, and what one caller's bad tokens do to another, at fixed rates (open loop).",
            "none, padded: no user; a header as long as a token.  token: a user, known already.  handle: one who may go on.",
            "alone, good, flood: the other caller is silent; sends one good token; sends a bad one after the other."
        },
        sortOptions = false)
final class TokensCommand implements Callable<Integer> {
    private static final Duration ROUND_WARM_UP = Duration.ofSeconds(1);
    /** By which the other caller, who begins with the warm-up, outlasts what is measured. */
    private static final Duration LONGER = Duration.ofMillis(500);

    /** Each is signed before the run. */
    private static final int FORGED_MAX = 100_000;

    private static final List<String> KNOWN = Stream.concat(TokenLoads.COSTS.stream(), TokenLoads.NEIGHBOURS.stream())
            .toList();

    @Mixin
    private RunOptions options;

    @Option(
            names = "--only",
            split = ",",
            paramLabel = "NAME",
            description = "of none, padded, token, handle, alone, good, flood; several with commas (default: all)")
    private List<String> only = List.of();

    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "3000",
            description = "requests a second of none to handle (default: ${DEFAULT-VALUE})")
    private int rate;

    @Option(
            names = "--beside-rate",
            paramLabel = "N",
            defaultValue = "2000",
            description = "requests a second that are measured of alone to flood (default: ${DEFAULT-VALUE})")
    private int besideRate;

    @Option(
            names = "--flood-rate",
            paramLabel = "N",
            defaultValue = "1000",
            description = "requests a second of the other caller (default: ${DEFAULT-VALUE})")
    private int floodRate;

    @Option(
            names = "--new-tokens",
            paramLabel = "N",
            defaultValue = "200",
            description = "a second that the backend's sidecar looks at of one caller (default: ${DEFAULT-VALUE})")
    private int newTokens;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "32",
            description = "keep-alive connections of each caller (default: ${DEFAULT-VALUE})")
    private int connections;

    @Option(
            names = "--bytes",
            paramLabel = "N",
            defaultValue = "1024",
            description = "of a response's body (default: ${DEFAULT-VALUE})")
    private int bytes;

    @Option(
            names = "--seconds",
            paramLabel = "N",
            description = "of each configuration in each round (default: 4; quick: 2)")
    private Optional<Integer> seconds = Optional.empty();

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description =
                    "of each configuration, once before the rounds (default: 6; quick: 2); each round warms up for 1 s more")
    private Optional<Integer> warmUp = Optional.empty();

    @Override
    public Integer call() throws IOException, InterruptedException {
        List<String> names = options.some("--only", only, KNOWN);
        options.within("--rate", rate, 1, 1_000_000);
        options.within("--beside-rate", besideRate, 1, 1_000_000);
        options.within("--flood-rate", floodRate, 1, 1_000_000);
        options.within("--new-tokens", newTokens, 1, 100_000);
        options.within("--connections", connections, 1, 1000);
        options.within("--bytes", bytes, 0, 1 << 20);
        Duration measured = options.seconds("--seconds", seconds, 4, 2);
        Duration warm = options.seconds("--warm-up", warmUp, 6, 2);
        int rounds = options.rounds(7, 2);
        long seed = options.seed();
        Instant started = Instant.now();
        List<TokenRound> done = new ArrayList<>();
        try (Session session = new Session()) {
            TokenMesh mesh = TokenMesh.write(session.workplace().folder("mesh"));
            Bench.say("starting three sidecars");
            try (TwoCallers sidecars = TwoCallers.start(
                    RunOptions.launcher(),
                    session.workplace(),
                    mesh,
                    session.backend().address(),
                    newTokens)) {
                Map<String, TokenLoads> loads = new LinkedHashMap<>();
                TokenLoads.Setting setting =
                        new TokenLoads.Setting(sidecars, mesh, bytes, connections, forged(measured));
                names.forEach(name -> loads.put(name, setting.of(name)));
                for (String name : names) {
                    Bench.say("warming up " + name + " for " + warm.toSeconds() + " s");
                    measure(session, session.account(sidecars.parts()), name, loads.get(name), warm);
                }
                List<String> order = new ArrayList<>(names);
                Random random = new Random(seed);
                for (int round = 1; round <= rounds; round++) {
                    Collections.shuffle(order, random);
                    Bench.say("round " + round + " of " + rounds + ": " + String.join(", ", order));
                    done.add(round(session, sidecars, order, loads, measured));
                }
            }
        }
        return report(started, seed, names, done);
    }

    /** So many that none comes twice in a round: the sidecar remembers refusals. */
    private int forged(Duration measured) {
        return (int) Math.min(FORGED_MAX, floodRate * (otherLasts(measured).toMillis() + 999) / 1000);
    }

    private static Duration otherLasts(Duration measured) {
        return ROUND_WARM_UP.plus(measured).plus(LONGER);
    }

    private TokenRound round(
            Session session,
            TwoCallers sidecars,
            List<String> order,
            Map<String, TokenLoads> loads,
            Duration measured) {
        Map<String, TokenRound.Measured> results = new LinkedHashMap<>();
        Noise noise = Noise.NONE;
        for (String name : order) {
            Account account = session.account(sidecars.parts());
            results.put(name, measure(session, account, name, loads.get(name), measured));
            noise = noise.plus(account);
        }
        return new TokenRound(results, noise);
    }

    private TokenRound.Measured measure(
            Session session, Account account, String name, TokenLoads loads, Duration measured) {
        int ownRate = TokenLoads.COSTS.contains(name) ? rate : besideRate;
        Duration otherLasts = otherLasts(measured);
        Optional<CompletableFuture<LoadResult>> other =
                loads.beside().map(plan -> session.start(plan.open(floodRate, Duration.ZERO, otherLasts)));
        Phase phase = session.measure(loads.measured().open(ownRate, ROUND_WARM_UP, measured), account);
        return new TokenRound.Measured(phase, other.map(result -> new TokenRound.Beside(result.join(), otherLasts)));
    }

    private int report(Instant started, long seed, List<String> names, List<TokenRound> rounds) throws IOException {
        TokenTables tables = new TokenTables(rounds);
        ObjectNode json = Report.begin("tokens", options, started, seed, List.of());
        json.putObject("plan")
                .put("rate", rate)
                .put("besideRate", besideRate)
                .put("floodRate", floodRate)
                .put("newTokensPerSecond", newTokens)
                .put("connections", connections)
                .put("bytes", bytes);
        Report.rounds(json, rounds);
        tables.costs(names).describe(json.putObject("costs"));
        tables.neighbours(names).describe(json.putObject("neighbours"));
        System.out.println(
                connections + " connections, " + bytes + "-byte responses; " + rounds.size() + " rounds, seed " + seed);
        if (names.stream().anyMatch(TokenLoads.COSTS::contains)) {
            System.out.println("\n" + rate + " requests/s of one caller");
            tables.costs(names).table().forEach(System.out::println);
        }
        if (names.stream().anyMatch(TokenLoads.NEIGHBOURS::contains)) {
            System.out.println("\n" + besideRate + " requests/s of one caller, beside " + floodRate
                    + "/s of the other; at most " + newTokens + " new tokens/s of each");
            tables.neighbours(names).table().forEach(System.out::println);
        }
        System.out.println();
        Report.printNoise(rounds);
        Report.write(options.json(started), json);
        return failures(rounds);
    }

    private static int failures(List<TokenRound> rounds) {
        int code = 0;
        for (TokenRound round : rounds) {
            for (String name : round.measured().keySet()) {
                Optional<String> wrong = round.wrong(name);
                if (wrong.isPresent()) {
                    Bench.say(name + ": " + wrong.get());
                    code = Bench.FAILED;
                }
            }
        }
        return code;
    }
}
