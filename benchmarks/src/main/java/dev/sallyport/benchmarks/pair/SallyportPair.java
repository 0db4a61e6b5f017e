package dev.sallyport.benchmarks.pair;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Two standalone sidecars as they ship, started by the launcher with its own JVM options, all features on: a token on each request that a rule demands, 20 rules, the record of both sides, metrics.
 *
 * @param name of the configuration
 * @param launcher of this checkout, or of another one to be measured beside it
 */
public record SallyportPair(String name, Path launcher, Workplace workplace, BenchMesh mesh, InetSocketAddress backend)
        implements Pair.Starter {
    /** The launcher of another checkout may have to build first. */
    private static final Duration COMMAND = Duration.ofMinutes(10);

    private static final Duration READY = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();

    @Override
    public Pair start() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(workplace.folder(), name + "-");
        command(folder, "policy", "key", "signing.jwk");
        snapshot(folder, BenchMesh.CALLEE);
        Sidecar inbound = sidecar(folder, BenchMesh.CALLEE, "outbound: {listen: \"127.0.0.1:0\"}");
        snapshot(folder, BenchMesh.CALLER, "--endpoint", BenchMesh.CALLEE + "=" + inbound.address("/inbound"));
        Sidecar outbound = sidecar(
                folder, BenchMesh.CALLER, "outbound: {listen: \"127.0.0.1:0\", upstreams: {backend: \"127.0.0.1:0\"}}");
        String[] address = outbound.address("/upstreams/" + BenchMesh.CALLEE).split(":", 2);
        return new Pair(
                name,
                new InetSocketAddress(InetAddress.ofLiteral(address[0]), Integer.parseInt(address[1])),
                List.of(outbound.part("outbound"), inbound.part("inbound")),
                () -> List.of(outbound, inbound).forEach(sidecar -> workplace.stop(sidecar.child)));
    }

    private record Sidecar(Child child, JsonNode ready) {
        String address(String pointer) {
            return ready.at(pointer).asText();
        }

        Part part(String name) {
            return new Part(name, child.pids());
        }
    }

    private void snapshot(Path folder, String service, String... more) throws IOException, InterruptedException {
        List<String> words = new ArrayList<>(List.of(
                "policy",
                "build",
                mesh.file("mesh.yaml").toString(),
                "--service",
                service,
                "--key",
                "signing.jwk",
                "--jwks",
                "bench=" + mesh.file("issuer.jwks"),
                "--out",
                service + ".jws"));
        words.addAll(List.of(more));
        command(folder, words.toArray(String[]::new));
    }

    private void command(Path folder, String... words) throws IOException, InterruptedException {
        ProcessBuilder builder = builder(folder, words);
        // Options for the sidecars, such as a flight recording, are not meant for those who prepare them.
        builder.environment().remove("SALLYPORT_JAVA_OPTIONS");
        String what = name + ": " + String.join(" ", List.of(words).subList(0, 2));
        Child child = workplace.start(what, folder.resolve("command.log"), builder);
        child.succeeded(COMMAND);
        workplace.stop(child);
    }

    private Sidecar sidecar(Path folder, String service, String outbound) throws IOException, InterruptedException {
        Path config = Files.writeString(folder.resolve(service + ".yaml"), """
                service: %1$s
                application: %2$s
                stateDirectory: ./state-%1$s
                standalone:
                  snapshot: ./%1$s.jws
                  trustKey: ./signing.pub.jwk
                  certificate: %3$s
                  privateKey: %4$s
                  trustBundle: %5$s
                inbound: {listen: "127.0.0.1:0"}
                %6$s
                admin: {listen: "127.0.0.1:0"}
                metrics: {listen: "127.0.0.1:0"}
                health: {listen: "127.0.0.1:0"}
                """.formatted(
                        service,
                        backend.getAddress().getHostAddress() + ":" + backend.getPort(),
                        mesh.file(service + ".pem"),
                        mesh.file(service + ".key"),
                        mesh.file("ca.pem"),
                        outbound));
        ProcessBuilder builder = builder(folder, "proxy", "--config", config.toString(), "--end-with-stdin");
        builder.environment().put("SALLYPORT_SKIP_BUILD", "1"); // the commands before it have built
        Child child = workplace.start(name + ": sidecar " + service, folder.resolve(service + ".log"), builder);
        return new Sidecar(child, JSON.readTree(child.firstLine(READY)));
    }

    private ProcessBuilder builder(Path folder, String... words) {
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(words));
        return new ProcessBuilder(command).directory(folder.toFile());
    }
}
