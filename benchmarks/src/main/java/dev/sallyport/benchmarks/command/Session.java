package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.load.LoadGenerator;
import dev.sallyport.benchmarks.load.LoadResult;
import dev.sallyport.benchmarks.load.Plan;
import dev.sallyport.benchmarks.pair.BackendProcess;
import dev.sallyport.benchmarks.pair.Part;
import dev.sallyport.benchmarks.pair.Workplace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** What every command needs that sends requests: a place, a backend and a load generator. */
final class Session implements AutoCloseable {
    private static final Part SELF =
            new Part("load", List.of(ProcessHandle.current().pid()));

    private final Workplace workplace;
    private final BackendProcess backend;
    private final LoadGenerator load = new LoadGenerator();

    Session() throws IOException, InterruptedException {
        workplace = Workplace.open();
        backend = BackendProcess.start(workplace);
    }

    Workplace workplace() {
        return workplace;
    }

    BackendProcess backend() {
        return backend;
    }

    /** Runs the plan without a look at what it costs. */
    void warmUp(Plan plan) {
        load.run(plan, () -> {}, () -> {});
    }

    Phase measure(Plan plan, Account account) {
        return Phase.of(load.run(plan, account::begin, account::end), account);
    }

    /** {@code atEnd} runs when the measured time is over and the plan's connections still stand. */
    Phase measure(Plan plan, Account account, Runnable atEnd) {
        return Phase.of(
                load.run(plan, account::begin, () -> {
                    account.end();
                    atEnd.run();
                }),
                account);
    }

    /** Load beside what is measured. */
    CompletableFuture<LoadResult> start(Plan plan) {
        return load.start(plan);
    }

    /** Of the proxies, the backend and this process. */
    Account account(List<Part> proxies) {
        List<Part> parts = new ArrayList<>(proxies);
        parts.add(backend.part());
        parts.add(SELF);
        return new Account(parts);
    }

    @Override
    public void close() {
        load.close();
        workplace.close();
    }
}
