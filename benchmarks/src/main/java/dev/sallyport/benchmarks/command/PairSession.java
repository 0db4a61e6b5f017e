package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.load.LoadResult;
import dev.sallyport.benchmarks.load.Plan;
import dev.sallyport.benchmarks.pair.BenchMesh;
import dev.sallyport.benchmarks.pair.Pair;
import dev.sallyport.benchmarks.pair.SallyportPair;
import dev.sallyport.benchmarks.pair.Site;
import dev.sallyport.benchmarks.pair.Workplace;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CompletableFuture;

/** A session with a mesh, and the pairs that this machine can run. */
final class PairSession implements AutoCloseable {
    private final Session session = new Session();
    private final BenchMesh mesh;
    private final List<Pair.Starter> configurations;
    private final List<String> leftOut = new ArrayList<>();

    PairSession(PairOptions options) throws IOException, InterruptedException {
        mesh = BenchMesh.write(session.workplace().folder("mesh"));
        configurations = options.configurations(session.workplace(), mesh, session.backend(), leftOut);
    }

    /** For a command that makes its pairs itself. */
    PairSession() throws IOException, InterruptedException {
        mesh = BenchMesh.write(session.workplace().folder("mesh"));
        configurations = List.of();
    }

    /** This checkout's. */
    SallyportPair sallyport() {
        return new SallyportPair(
                "sallyport",
                RunOptions.launcher(),
                new Site(session.workplace(), mesh, session.backend().address()));
    }

    Workplace workplace() {
        return session.workplace();
    }

    BenchMesh mesh() {
        return mesh;
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
                pair.address(),
                List.of(request),
                bytes,
                connections,
                OptionalDouble.empty(),
                Duration.ZERO,
                Duration.ZERO);
    }

    /** Runs the plan without a look at what it costs. */
    void warmUp(Plan plan) {
        session.warmUp(plan);
    }

    Phase measure(Plan plan, Account account) {
        return session.measure(plan, account);
    }

    Phase measure(Plan plan, Account account, Runnable atEnd) {
        return session.measure(plan, account, atEnd);
    }

    InetSocketAddress backend() {
        return session.backend().address();
    }

    /** Load beside what is measured. */
    CompletableFuture<LoadResult> start(Plan plan) {
        return session.start(plan);
    }

    /** Of the pair, the backend and this process. */
    Account account(Pair pair) {
        return session.account(pair.parts());
    }

    @Override
    public void close() {
        session.close();
    }
}
