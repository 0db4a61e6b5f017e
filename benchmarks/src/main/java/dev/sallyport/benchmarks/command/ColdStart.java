package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.load.FirstAnswer;
import dev.sallyport.benchmarks.pair.CallerKeys;
import dev.sallyport.benchmarks.pair.CallerSockets;
import dev.sallyport.benchmarks.pair.InboundAlone;
import dev.sallyport.benchmarks.pair.Pair;
import dev.sallyport.benchmarks.pair.Part;
import dev.sallyport.benchmarks.pair.Rehearsal;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** One configuration that is started again and again: everything was prepared before, so that only its own start counts. */
final class ColdStart {
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    static final int CONNECTIONS = 16;
    static final int RATE = 1000;
    private static final int BYTES = 1024;

    private final PairSession session;
    private final Rehearsal pair;
    private final Optional<Rehearsal> inbound;
    private final Duration load;

    /** Runs it once, and its inbound side. */
    ColdStart(PairSession session, Pair.Starter starter, Duration load) throws IOException, InterruptedException {
        this.session = session;
        this.load = load;
        pair = Rehearsal.of(session.workplace(), starter);
        inbound = starter instanceof InboundAlone alone
                ? Optional.of(Rehearsal.of(session.workplace(), alone.inbound()))
                : Optional.empty();
    }

    String name() {
        return pair.name();
    }

    /** {@code account}: of the load. */
    record Measured(StartRound.Start start, Account account) {}

    /** As if it had never run; then, where it keeps something between runs, once more with that; then its inbound side alone. */
    Measured measure() throws IOException, InterruptedException {
        pair.forget();
        Cold cold = cold();
        return new Measured(
                new StartRound.Start(cold.firstMillis, cold.cpuMillis, cold.phase, kept(), alone()), cold.account);
    }

    private record Cold(double firstMillis, double cpuMillis, Phase phase, Account account) {}

    private Cold cold() throws IOException, InterruptedException {
        try (Rehearsal.Running running = pair.start()) {
            double first = millis(running, () -> plain(pair));
            Pair started = running.pair();
            Account account = session.account(started);
            Phase phase =
                    session.measure(session.plan(started, CONNECTIONS, BYTES).open(RATE, Duration.ZERO, load), account);
            double cpu = started.parts().stream().mapToLong(Part::cpuNanos).sum() / 1e6;
            return new Cold(first, cpu, phase, account);
        }
    }

    private Optional<Double> kept() throws IOException, InterruptedException {
        if (!pair.keeps()) {
            return Optional.empty();
        }
        try (Rehearsal.Running running = pair.start()) {
            return Optional.of(millis(running, () -> plain(pair)));
        }
    }

    private Optional<StartRound.Alone> alone() throws IOException, InterruptedException {
        if (inbound.isEmpty()) {
            return Optional.empty();
        }
        Rehearsal alone = inbound.get();
        alone.forget();
        CallerKeys keys = session.mesh().caller();
        CallerSockets sockets = new CallerSockets(keys, alone.address());
        try (Rehearsal.Running running = alone.start()) {
            double first = millis(running, sockets::connect);
            Optional<Double> ready =
                    alone.keeps() ? Optional.of(running.ready(PATIENCE).toNanos() / 1e6) : Optional.empty();
            return Optional.of(new StartRound.Alone(ready, first));
        }
    }

    private double millis(Rehearsal.Running running, FirstAnswer.Connector connector)
            throws IOException, InterruptedException {
        byte[] request = ("GET /bytes/" + BYTES + " HTTP/1.1\r\n" + session.headers() + "\r\n")
                .getBytes(StandardCharsets.US_ASCII);
        try {
            return (FirstAnswer.await(connector, request, running::alive, PATIENCE) - running.started()) / 1e6;
        } catch (IOException e) {
            throw running.failure(String.valueOf(e.getMessage()));
        }
    }

    private static Socket plain(Rehearsal rehearsal) throws IOException {
        return new Socket(rehearsal.address().getAddress(), rehearsal.address().getPort());
    }
}
