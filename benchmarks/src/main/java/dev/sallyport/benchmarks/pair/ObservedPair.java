package dev.sallyport.benchmarks.pair;

import java.io.IOException;
import java.util.List;

/**
 * A {@link SallyportPair} with everything on by which it is seen from outside: metrics that are scraped, the access log in a file, and spans that a collector takes.
 *
 * @param ratio 0 to 1 of the requests that get a span at both sides
 */
public record ObservedPair(String name, SallyportPair plain, double ratio) implements Pair.Starter {
    @Override
    public Pair start() throws IOException, InterruptedException {
        Onlookers onlookers = Onlookers.start();
        try {
            Sidecars sidecars = plain.sidecars();
            Sidecars.Running inbound =
                    sidecars.callee(BenchMesh.CALLEE, onlookers.configuration(BenchMesh.CALLEE, ratio));
            Sidecars.Running outbound = sidecars.caller(
                    BenchMesh.CALLER, BenchMesh.CALLEE, inbound, onlookers.configuration(BenchMesh.CALLER, ratio));
            onlookers.scrape(List.of(outbound.metrics(), inbound.metrics()));
            return SallyportPair.pair(name, outbound, inbound, () -> {
                List.of(outbound, inbound).forEach(sidecars::stop);
                onlookers.close();
            });
        } catch (IOException | InterruptedException | RuntimeException e) {
            onlookers.close();
            throw e;
        }
    }
}
