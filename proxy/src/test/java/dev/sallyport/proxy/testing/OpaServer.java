package dev.sallyport.proxy.testing;

import static org.awaitility.Awaitility.await;

import dev.sallyport.document.HostPort;
import dev.sallyport.policy.Mesh.OpaAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A real OPA, {@code opa run --server}, with one policy; its own process, ended by its own handle. Its log is {@code opa.log} in its folder. */
public final class OpaServer implements AutoCloseable {
    private static final Duration START_MAX = Duration.ofSeconds(30);

    private final Path binary;
    private final Path folder;
    private final OpaAddress address;
    private @Nullable Process process;

    private OpaServer(Path binary, Path folder, OpaAddress address) {
        this.binary = binary;
        this.folder = folder;
        this.address = address;
    }

    /** On a loopback port that was free a moment ago. Skips the test when there is no OPA on this machine. */
    public static OpaServer onLoopback(Path folder, String rego) throws IOException, InterruptedException {
        return start(folder, rego, new OpaAddress.Loopback(new HostPort("127.0.0.1", freePort())));
    }

    /** OPA does not say which port it got for 0. */
    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    /** On {@code opa.sock} in {@code folder}, whose path must be short: a socket's has 107 bytes at most. */
    public static OpaServer onSocket(Path folder, String rego) throws IOException, InterruptedException {
        return start(
                folder,
                rego,
                new OpaAddress.UnixSocket(folder.resolve("opa.sock").toString()));
    }

    private static OpaServer start(Path folder, String rego, OpaAddress address)
            throws IOException, InterruptedException {
        Path binary = Peers.opa();
        Files.writeString(folder.resolve("policy.rego"), rego);
        OpaServer server = new OpaServer(binary, folder, address);
        server.start();
        return server;
    }

    /** Again, after {@link #kill}; returns when it is healthy. */
    public void start() throws IOException {
        String bound = switch (address) {
            case OpaAddress.UnixSocket(String path) -> "unix://" + path;
            case OpaAddress.Loopback(HostPort at) -> at.toString();
            case OpaAddress.InMesh _ -> throw new IllegalStateException("not in a mesh");
        };
        Process started = new ProcessBuilder(List.of(
                        binary.toString(),
                        "run",
                        "--server",
                        "--addr",
                        bound,
                        "--skip-version-check",
                        folder.resolve("policy.rego").toString()))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("opa.log").toFile())
                .start();
        process = started;
        await("OPA, see " + folder.resolve("opa.log"))
                .atMost(START_MAX)
                .failFast("OPA has exited", () -> !started.isAlive())
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(this::healthy);
    }

    public OpaAddress address() {
        return address;
    }

    private boolean healthy() throws IOException {
        SocketAddress socket = switch (address) {
            case OpaAddress.UnixSocket(String path) -> UnixDomainSocketAddress.of(path);
            case OpaAddress.Loopback(HostPort at) -> new InetSocketAddress(at.host(), at.port());
            case OpaAddress.InMesh _ -> throw new IllegalStateException("not in a mesh");
        };
        try (SocketChannel channel = SocketChannel.open(socket)) {
            channel.write(ByteBuffer.wrap("GET /health HTTP/1.0\r\n\r\n".getBytes(StandardCharsets.US_ASCII)));
            ByteBuffer response = ByteBuffer.allocate(12);
            while (response.hasRemaining() && channel.read(response) >= 0) {}
            return new String(response.array(), StandardCharsets.US_ASCII).endsWith(" 200");
        }
    }

    /** How many questions of this path it has read since it started, by its own log. */
    public long received(String path) throws IOException {
        try (Stream<String> lines = Files.lines(folder.resolve("opa.log"))) {
            return lines.filter(line -> line.contains("Received request.") && line.contains("\"" + path + "\""))
                    .count();
        }
    }

    /** As the kernel does it: no answer is finished. */
    public void kill() {
        running().destroyForcibly().onExit().join();
    }

    /** Stops it in whatever it is doing, every thread of it; connections stay open and silent. */
    public void freeze() throws IOException, InterruptedException {
        signal("-STOP");
        await("a stopped OPA").atMost(Duration.ofSeconds(5)).until(this::stopped);
    }

    private boolean stopped() throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc/" + running().pid() + "/task"))) {
            for (Path thread : threads.toList()) {
                String status = Files.readString(thread.resolve("stat"));
                if (!status.substring(status.lastIndexOf(')')).startsWith(") T")) { // proc(5)
                    return false;
                }
            }
            return true;
        }
    }

    public void thaw() throws IOException, InterruptedException {
        signal("-CONT");
    }

    private void signal(String signal) throws IOException, InterruptedException {
        Process kill =
                new ProcessBuilder("kill", signal, Long.toString(running().pid())).start();
        if (!kill.waitFor(5, TimeUnit.SECONDS) || kill.exitValue() != 0) {
            throw new IOException("kill " + signal + " failed");
        }
    }

    private Process running() {
        Process running = process;
        if (running == null) {
            throw new IllegalStateException("not started");
        }
        return running;
    }

    @Override
    public void close() {
        if (process != null) {
            kill();
        }
    }
}
