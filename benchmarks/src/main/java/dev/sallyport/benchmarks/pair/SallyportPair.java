package dev.sallyport.benchmarks.pair;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * Two standalone sidecars as they ship, all features on: a token on each request that a rule demands, 20 rules, the record of both sides, metrics.
 *
 * @param name of the configuration
 * @param launcher of this checkout, or of another one to be measured beside it
 */
public record SallyportPair(String name, Path launcher, Workplace workplace, BenchMesh mesh, InetSocketAddress backend)
        implements Pair.Starter {
    @Override
    public Pair start() throws IOException, InterruptedException {
        Sidecars sidecars =
                Sidecars.prepare(name, launcher, workplace, mesh.folder(), List.of(BenchMesh.ISSUER_NAME), backend);
        Sidecars.Running inbound = sidecars.callee(BenchMesh.CALLEE, "");
        Sidecars.Running outbound = sidecars.caller(BenchMesh.CALLER, BenchMesh.CALLEE, inbound);
        return new Pair(
                name,
                outbound.upstream(BenchMesh.CALLEE),
                List.of(outbound.part("outbound"), inbound.part("inbound")),
                () -> List.of(outbound, inbound).forEach(sidecars::stop));
    }
}
