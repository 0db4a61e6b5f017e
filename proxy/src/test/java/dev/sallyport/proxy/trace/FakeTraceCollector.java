package dev.sallyport.proxy.trace;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.SSLContext;

/** A trace collector of bytes: remembers whole requests, and answers as a test wants it to. */
public final class FakeTraceCollector implements AutoCloseable {
    /** A request as it arrived. */
    @SuppressWarnings("ArrayRecordComponent") // compared by nobody
    public record Request(String head, byte[] body) {
        /** The body as it was before it was pressed, if it was. */
        public byte[] message() {
            if (!head.toLowerCase(Locale.ROOT).contains("\r\ncontent-encoding: gzip\r\n")) {
                return body;
            }
            try (InputStream pressed = new GZIPInputStream(new ByteArrayInputStream(body))) {
                return pressed.readAllBytes();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** What it does with a request that it has read. */
    @FunctionalInterface
    public interface Behaviour {
        void answer(Socket socket, OutputStream out) throws Exception;
    }

    public static final Behaviour TAKES = says("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");

    public final List<Request> requests = new CopyOnWriteArrayList<>();
    public volatile Behaviour behaviour = TAKES;
    private final ServerSocket server;
    private final String url;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    public final List<Socket> accepted = new CopyOnWriteArrayList<>();

    public FakeTraceCollector() throws IOException {
        this(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()), "http://127.0.0.1:");
    }

    /** At {@code https://localhost}. */
    static FakeTraceCollector tls(SSLContext context) throws IOException {
        return new FakeTraceCollector(
                context.getServerSocketFactory().createServerSocket(0, 50, InetAddress.getLoopbackAddress()),
                "https://localhost:");
    }

    private FakeTraceCollector(ServerSocket server, String url) {
        this.server = server;
        this.url = url + server.getLocalPort();
        Thread.ofVirtual().start(this::accept);
    }

    public static Behaviour says(String bytes) {
        return (_, out) -> out.write(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    public URI url() {
        return URI.create(url);
    }

    private void accept() {
        try {
            while (true) {
                Socket socket = server.accept();
                open.add(socket);
                accepted.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            }
        } catch (IOException e) {
            // Closed.
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = socket.getInputStream();
            while (true) {
                requests.add(request(in));
                OutputStream out = socket.getOutputStream();
                behaviour.answer(socket, out);
                out.flush();
            }
        } catch (Exception e) {
            // The peer is gone, or the behaviour has ended the connection.
        } finally {
            open.remove(socket);
        }
    }

    private static Request request(InputStream in) throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
            int octet = in.read();
            if (octet < 0) {
                throw new IOException("closed");
            }
            head.write(octet);
        }
        String text = head.toString(StandardCharsets.ISO_8859_1);
        String length = text.replaceFirst("(?is).*\r\ncontent-length: (\\d+)\r\n.*", "$1");
        return new Request(text, in.readNBytes(Integer.parseInt(length)));
    }

    /** Every span of every request so far. */
    public List<Otlp.Seen> spans() {
        return requests.stream()
                .flatMap(request -> {
                    try {
                        return Otlp.read(request.message()).spans().stream();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                })
                .toList();
    }

    /** Everything that was ever sent, octet for octet. */
    public String bytes() {
        StringBuilder all = new StringBuilder();
        requests.forEach(
                request -> all.append(request.head()).append(new String(request.body(), StandardCharsets.ISO_8859_1)));
        return all.toString();
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
