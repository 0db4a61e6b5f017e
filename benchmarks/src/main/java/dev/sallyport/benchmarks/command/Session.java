package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.load.LoadGenerator;
import dev.sallyport.benchmarks.load.Plan;
import dev.sallyport.benchmarks.pair.BackendProcess;
import dev.sallyport.benchmarks.pair.BenchMesh;
import dev.sallyport.benchmarks.pair.Pair;
import dev.sallyport.benchmarks.pair.Part;
import dev.sallyport.benchmarks.pair.Workplace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;

/** What every command needs: a place, a backend, a load generator, and the configurations that this machine can run. */
final class Session implements AutoCloseable {
    private static final Part SELF =
            new Part("load", List.of(ProcessHandle.current().pid()));

    private final Workplace workplace;
    private final LoadGenerator load = new LoadGenerator();
    private final BenchMesh mesh;
    private final BackendProcess backend;
    private final List<Pair.Starter> configurations;
    private final List<String> leftOut = new ArrayList<>();

    Session(RunOptions options) throws IOException, InterruptedException {
        workplace = Workplace.open();
        mesh = BenchMesh.write(workplace.folder("mesh"));
        backend = BackendProcess.start(workplace);
        configurations = options.configurations(workplace, mesh, backend, leftOut);
    }

    List<Pair.Starter> configurations() {
        return configurations;
    }

    /** Names of configurations that this machine has no program for. */
    List<String> leftOut() {
        return leftOut;
    }

    /** Header lines of every request. */
    String headers() {
        return mesh.headers();
    }

    /** {@code GET /bytes/N} at the pair; when and how long is still to be said. */
    Plan plan(Pair pair, int connections, int bytes) {
        byte[] request =
                ("GET /bytes/" + bytes + " HTTP/1.1\r\n" + mesh.headers() + "\r\n").getBytes(StandardCharsets.US_ASCII);
        return new Plan(
                pair.address(), request, bytes, connections, OptionalDouble.empty(), Duration.ZERO, Duration.ZERO);
    }

    /** Runs the plan without a look at what it costs. */
    void warmUp(Plan plan) {
        load.run(plan, () -> {}, () -> {});
    }

    Phase measure(Plan plan, Account account) {
        return Phase.of(load.run(plan, account::begin, account::end), account);
    }

    /** Of the pair, the backend and this process. */
    Account account(Pair pair) {
        List<Part> parts = new ArrayList<>(pair.parts());
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
