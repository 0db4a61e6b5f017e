package dev.sallyport.proxy.opa;

import static org.awaitility.Awaitility.await;

import dev.sallyport.document.HostPort;
import dev.sallyport.policy.Mesh.OpaAddress;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** An OPA on plain sockets that answers as a test wants it: right, badly, late, or not at all. Remembers every question, byte for byte. */
final class FakeOpa implements AutoCloseable {
    /** What it does with one question; returning goes on to the next one of the connection, an exception closes it. */
    interface Behaviour {
        void answer(OutputStream out) throws Exception;
    }

    final List<String> questions = new CopyOnWriteArrayList<>();
    final AtomicInteger connections = new AtomicInteger();
    volatile Behaviour behaviour = answering("{\"result\":true}");
    private final ServerSocketChannel server;
    private final Thread accepting;
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();

    private FakeOpa(ServerSocketChannel server) {
        this.server = server;
        accepting = Thread.startVirtualThread(this::accept);
    }

    static FakeOpa onLoopback() throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open();
        server.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        return new FakeOpa(server);
    }

    static FakeOpa onSocket(Path path) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(path));
        return new FakeOpa(server);
    }

    OpaAddress address() throws IOException {
        SocketAddress bound = server.getLocalAddress();
        return bound instanceof InetSocketAddress tcp
                ? new OpaAddress.Loopback(new HostPort("127.0.0.1", tcp.getPort()))
                : new OpaAddress.UnixSocket(bound.toString());
    }

    static Behaviour answering(String json) {
        return raw(response("200 OK", "application/json", json));
    }

    static Behaviour raw(String bytes) {
        return out -> out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    static Behaviour silent() {
        return out -> new CountDownLatch(1).await(); // until the client closes, and this thread is forgotten
    }

    /** Says this much, and dies. */
    static Behaviour dying(String bytes) {
        return out -> {
            raw(bytes).answer(out);
            throw new IOException("died");
        };
    }

    static String response(String status, String type, String body) {
        return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nContent-Length: " + body.length() + "\r\n\r\n"
                + body;
    }

    private void accept() {
        try {
            while (true) {
                SocketChannel client = server.accept();
                connections.incrementAndGet();
                open.add(client);
                Thread.startVirtualThread(() -> serve(client));
            }
        } catch (IOException closed) {
            open.forEach(FakeOpa::close);
        }
    }

    private void serve(SocketChannel client) {
        try (client) {
            InputStream in = new BufferedInputStream(Channels.newInputStream(client));
            while (true) {
                questions.add(question(in));
                behaviour.answer(Channels.newOutputStream(client));
            }
        } catch (Exception ended) {
            open.remove(client);
        }
    }

    private static String question(InputStream in) throws IOException {
        StringBuilder question = new StringBuilder();
        while (question.indexOf("\r\n\r\n") < 0) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("closed");
            }
            question.append((char) octet);
        }
        String length = question.substring(question.indexOf("content-length: ") + 16);
        int bytes = Integer.parseInt(length.substring(0, length.indexOf("\r\n")));
        return question + new String(in.readNBytes(bytes), StandardCharsets.UTF_8);
    }

    /** Every open connection, as when the process is killed. */
    void cut() {
        open.forEach(FakeOpa::close);
        open.clear();
    }

    private static void close(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
        await().pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .atMost(Duration.ofSeconds(5))
                .until(() -> !accepting.isAlive()); // Until then the kernel takes connections.
        cut();
    }
}
