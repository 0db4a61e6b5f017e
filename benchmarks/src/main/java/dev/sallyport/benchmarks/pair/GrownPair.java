package dev.sallyport.benchmarks.pair;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Two standalone sidecars of a {@link GrownMesh}, as they ship. They take more connections than they do by default, so that more than a default can be measured. */
public record GrownPair(Path launcher, Workplace workplace, GrownMesh mesh, InetSocketAddress backend) {
    private static final String MORE = "limits: {connectionsPerLoop: 20000}\n";

    /**
     * @param snapshot of the callee, as it was signed
     */
    public record Running(Pair pair, GrownMesh mesh, byte[] snapshot) {}

    public Running start() throws IOException, InterruptedException {
        String name = "sallyport-" + mesh.size().text();
        Sidecars sidecars = Sidecars.prepare(name, launcher, workplace, mesh.folder(), mesh.issuers(), backend);
        Sidecars.Running inbound = sidecars.callee(BenchMesh.CALLEE, MORE);
        Sidecars.Running outbound = sidecars.caller(BenchMesh.CALLER, BenchMesh.CALLEE, inbound, MORE);
        Pair pair = SallyportPair.pair(
                name, outbound, inbound, () -> List.of(outbound, inbound).forEach(sidecars::stop));
        return new Running(pair, mesh, Files.readAllBytes(sidecars.folder().resolve(BenchMesh.CALLEE + ".jws")));
    }
}
