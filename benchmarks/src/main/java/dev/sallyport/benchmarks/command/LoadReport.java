package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What a run of {@link LoadRounds} says: a table for each load, the noise of each round, wrong answers; and the raw figures. */
record LoadReport(LoadRounds plan, LoadRounds.Measured measured, List<LoadFigures> figures) {
    /** {@code what}: of the requests, for the line above the tables. */
    void print(String what) {
        System.out.println(what + "; " + plan.rounds() + " rounds, seed " + plan.seed() + "; warmed once for "
                + plan.warmUp().toSeconds() + " s, and under each load in each round"
                + Report.leftOut(measured.leftOut()));
        for (LoadFigures figure : figures) {
            Load load = figure.load();
            System.out.println();
            System.out.println(load.name() + " on " + load.connections() + " connections, measured for "
                    + load.measured().toMillis() / 1000.0 + " s after "
                    + load.warmUp().toMillis() / 1000.0 + " s");
            figure.comparison().lines().forEach(System.out::println);
        }
        System.out.println();
        Report.printNoise(measured.rounds());
    }

    void describe(ObjectNode json) {
        ObjectNode planned = json.putObject("plan");
        planned.put("rounds", plan.rounds())
                .put("repeats", plan.repeats())
                .put("warmUpSeconds", plan.warmUp().toMillis() / 1000.0);
        ObjectNode loads = planned.putObject("loads");
        ObjectNode overload = json.putObject("overload");
        ObjectNode summary = json.putObject("summary");
        for (LoadFigures figure : figures) {
            Load load = figure.load();
            ObjectNode each = loads.putObject(load.name());
            load.rate().ifPresent(rate -> each.put("rate", rate));
            each.put("connections", load.connections())
                    .put("bytes", load.bytes())
                    .put("warmUpSeconds", load.warmUp().toMillis() / 1000.0)
                    .put("seconds", load.measured().toMillis() / 1000.0);
            ArrayNode names = overload.putArray(load.name());
            figure.overloaded().stream().sorted().forEach(names::add);
            figure.comparison().describe(summary, load.name() + " ");
        }
        Report.rounds(json, measured.rounds());
    }

    /** Says what was answered wrongly; the exit code. */
    int failures() {
        int code = 0;
        for (LoadsRound round : measured.rounds()) {
            for (String name : measured.names()) {
                for (Load load : plan.loads()) {
                    Phase phase = round.phase(name, load.name());
                    if (load.failed(phase) > 0) {
                        Bench.say(name + ": wrong answers at " + load.name() + " "
                                + phase.load().errors() + " (expected: none)");
                        code = Bench.FAILED;
                    }
                }
            }
        }
        return code;
    }
}
