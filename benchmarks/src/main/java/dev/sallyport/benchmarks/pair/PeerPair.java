package dev.sallyport.benchmarks.pair;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A pair of somebody else's proxies: each side is the same program with a configuration of its own, made from a template. */
interface PeerPair extends Pair.Starter, InboundAlone {
    Duration READY = Duration.ofSeconds(20);

    Site site();

    Program program();

    @Override
    default Pair start() throws IOException, InterruptedException {
        Path folder = Files.createTempDirectory(site().workplace().folder(), name() + "-");
        int in = FreePort.find();
        Child inbound = run(Side.INBOUND, folder, in, site().backend().getPort());
        awaitReady(inbound, in);
        int out = FreePort.find();
        Child outbound = run(Side.OUTBOUND, folder, out, in);
        awaitReady(outbound, out);
        return new Pair(
                name(),
                new InetSocketAddress(InetAddress.getLoopbackAddress(), out),
                List.of(new Part("outbound", outbound.pids()), new Part("inbound", inbound.pids())),
                () -> List.of(outbound, inbound).forEach(site().workplace()::stop));
    }

    @Override
    default Pair.Starter inbound() {
        return new Pair.Starter() {
            @Override
            public String name() {
                return PeerPair.this.name();
            }

            @Override
            public Pair start() throws IOException, InterruptedException {
                int in = FreePort.find();
                Path folder = Files.createTempDirectory(site().workplace().folder(), name() + "-");
                Child inbound = run(Side.INBOUND, folder, in, site().backend().getPort());
                awaitReady(inbound, in);
                return new Pair(
                        name(),
                        new InetSocketAddress(InetAddress.getLoopbackAddress(), in),
                        List.of(new Part("inbound", inbound.pids())),
                        () -> site().workplace().stop(inbound));
            }
        };
    }

    /** {@code folder}: the pair's; each side works in one of its own there. {@code next}: a port of the loopback. */
    private Child run(Side side, Path folder, int port, int next) throws IOException {
        Path own = Files.createDirectory(folder.resolve(side.lower()));
        Map<String, String> values = new HashMap<>(program().values());
        values.putAll(values(port, next));
        values.put("keyPair", keyPair(own, side).toString());
        String file = side.lower() + "." + program().extension();
        Path config = Files.writeString(
                own.resolve(file),
                Template.named(program().templates() + "/" + file).filled(values));
        return site().workplace()
                .start(
                        name() + " " + side.lower(),
                        own.resolve("program.log"),
                        new ProcessBuilder(program().command().apply(config)).directory(own.toFile()));
    }

    private Map<String, String> values(int port, int next) {
        // A worker of root's nginx would else be a user who cannot enter the bench's folder.
        String user = System.getProperty("user.name").equals("root") ? "user root;" : "";
        return Map.of(
                "port", String.valueOf(port),
                "next", String.valueOf(next),
                "workers", String.valueOf(site().workers()),
                "user", user,
                "mesh", site().mesh().folder().toString(),
                "caller", BenchMesh.identity(BenchMesh.CALLER),
                "other", BenchMesh.identity(BenchMesh.OTHER),
                "callee", BenchMesh.identity(BenchMesh.CALLEE),
                "calleeHost", BenchMesh.host(BenchMesh.CALLEE),
                "issuer", BenchMesh.ISSUER);
    }

    /** Certificate and key in one file, as HAProxy wants them. */
    private Path keyPair(Path folder, Side side) throws IOException {
        Path mesh = site().mesh().folder();
        Path file = Files.createFile(
                folder.resolve("pair.pem"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(
                file,
                Files.readString(mesh.resolve(side.service() + ".pem"))
                        + Files.readString(mesh.resolve(side.service() + ".key")));
    }

    private void awaitReady(Child child, int port) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + READY.toNanos();
        while (true) {
            try (Socket probe = new Socket(InetAddress.getLoopbackAddress(), port)) {
                if (child.pids().size() >= program().processes()) {
                    return;
                }
            } catch (IOException e) {
                if (!child.alive()) {
                    throw child.failure("ended before it was ready");
                }
            }
            if (System.nanoTime() > deadline) {
                throw child.failure("not ready within " + READY.toSeconds() + " s");
            }
            Thread.sleep(20);
        }
    }
}
