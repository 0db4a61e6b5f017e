package dev.sallyport.benchmarks.pair;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * Three sidecars of a {@link TokenMesh}: those of {@code load} and of {@code other}, which both call the one of {@code backend}.
 *
 * @param load where requests go that {@code load} sends to the backend, plain HTTP
 * @param other where those of {@code other} go
 * @param parts {@code outbound}, that of {@code load}; {@code other}; {@code inbound}
 * @param stop ends them
 */
public record TwoCallers(InetSocketAddress load, InetSocketAddress other, List<Part> parts, Runnable stop)
        implements AutoCloseable {
    public TwoCallers {
        parts = List.copyOf(parts);
    }

    /** {@code newTokensPerSecond}: the backend's bound for each of its callers. */
    public static TwoCallers start(
            Path launcher, Workplace workplace, TokenMesh mesh, InetSocketAddress backend, int newTokensPerSecond)
            throws IOException, InterruptedException {
        Sidecars sidecars = Sidecars.prepare("tokens", launcher, workplace, mesh.folder(), TokenMesh.ISSUERS, backend);
        Sidecars.Running inbound =
                sidecars.callee(BenchMesh.CALLEE, "limits: {newTokensPerSecond: " + newTokensPerSecond + "}\n");
        Sidecars.Running load = sidecars.caller(BenchMesh.CALLER, BenchMesh.CALLEE, inbound);
        Sidecars.Running other = sidecars.caller(TokenMesh.OTHER, BenchMesh.CALLEE, inbound);
        return new TwoCallers(
                load.upstream(BenchMesh.CALLEE),
                other.upstream(BenchMesh.CALLEE),
                List.of(load.part("outbound"), other.part("other"), inbound.part("inbound")),
                () -> List.of(load, other, inbound).forEach(sidecars::stop));
    }

    @Override
    public void close() {
        stop.run();
    }
}
