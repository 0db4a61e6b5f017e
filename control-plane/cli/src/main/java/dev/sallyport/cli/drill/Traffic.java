package dev.sallyport.cli.drill;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.load.Load;
import dev.sallyport.cli.load.Pace;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/** What goes through the mesh during a drill, and what became of it: requests of our own at a steady pace, and what sidecars count of everybody's. */
final class Traffic implements AutoCloseable {
    private static final Duration CONNECT = Duration.ofSeconds(5);
    /** One for each request that may still be within its time, and no more than a small machine can hold. */
    private static final int IN_FLIGHT_MAX = 2000;

    private final HttpClient client;
    private final List<Probe> probes;
    private final List<String> pages;
    private final SidecarCounts before;
    private final Optional<Load> load;

    /** {@code probes}: of ours; {@code sidecars}: of everybody's, where pages were named. */
    record Result(Optional<Load.Result> probes, Optional<SidecarCounts> sidecars) {
        long requests() {
            return probes.map(Load.Result::sent)
                    .orElseGet(() -> sidecars.map(SidecarCounts::requests).orElse(0L));
        }

        long failed() {
            return probes.map(Load.Result::failed).orElse(0L)
                    + sidecars.map(SidecarCounts::failed).orElse(0L);
        }
    }

    private Traffic(HttpClient client, List<Probe> probes, int rate, List<String> pages)
            throws CliException, InterruptedException {
        this.client = client;
        this.probes = probes;
        this.pages = pages;
        tryOut();
        this.before = counts();
        this.load = probes.isEmpty() ? Optional.empty() : Optional.of(Load.start(inTurn(), pace(rate)));
    }

    /** Tries each probe and each page once: what fails without a drill shows nothing in one. {@code rate}: requests a second, over all probes. */
    static Traffic start(List<String> probes, List<String> headers, int rate, List<String> pages)
            throws CliException, InterruptedException {
        HttpClient client = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(CONNECT)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
        try {
            List<Probe> parsed =
                    probes.stream().map(text -> Probe.of(client, text, headers)).toList();
            return new Traffic(client, parsed, rate, pages);
        } catch (CliException | IllegalArgumentException e) {
            client.shutdownNow();
            throw e;
        }
    }

    private void tryOut() throws CliException, InterruptedException {
        for (Probe probe : probes) {
            Optional<String> problem;
            try {
                problem = probe.send();
            } catch (IOException e) {
                problem = Optional.of(
                        probe.request().uri() + ": " + Objects.requireNonNullElse(e.getMessage(), "cannot be reached"));
            }
            if (problem.isPresent()) {
                throw new CliException(
                        "probe: " + problem.get() + " (expected: a status of 2xx, before a drill as well)");
            }
        }
    }

    private Load.Request inTurn() {
        AtomicLong turn = new AtomicLong();
        return () -> probes.get((int) (turn.getAndIncrement() % probes.size())).send();
    }

    private static Pace pace(int rate) {
        return new Pace(
                rate, (int) Math.min(IN_FLIGHT_MAX, rate * Probe.TIMEOUT.toSeconds()), Probe.TIMEOUT.plusSeconds(2));
    }

    private SidecarCounts counts() throws CliException, InterruptedException {
        SidecarCounts sum = new SidecarCounts(0, 0);
        for (String page : pages) {
            sum = sum.plus(SidecarCounts.read(client, page));
        }
        return sum;
    }

    /** So far. */
    Result result() throws CliException, InterruptedException {
        return new Result(
                load.map(Load::result), pages.isEmpty() ? Optional.empty() : Optional.of(counts().since(before)));
    }

    /** Sends no more and waits for the answers. */
    void stop() throws InterruptedException {
        if (load.isPresent()) {
            load.get().stop();
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
