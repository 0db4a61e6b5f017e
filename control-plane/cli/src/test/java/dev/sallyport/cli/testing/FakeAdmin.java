package dev.sallyport.cli.testing;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A sidecar's admin port as its wire is written down, on a socket, so that an answer can be broken in every way. Its token is {@link #TOKEN}. */
public final class FakeAdmin implements AutoCloseable {
    public static final String TOKEN = "0123456789abcdef";

    /** Writes a whole answer, head and all; the connection ends behind it. */
    @FunctionalInterface
    public interface Answer {
        void to(OutputStream out) throws IOException, InterruptedException;
    }

    /** {@code METHOD target}, with the query. */
    public final List<String> requests = new CopyOnWriteArrayList<>();

    private final Map<String, Answer> answers = new ConcurrentHashMap<>();
    private final List<Socket> open = new CopyOnWriteArrayList<>();
    private final ServerSocket server;

    private FakeAdmin(ServerSocket server) {
        this.server = server;
    }

    public static FakeAdmin start() throws IOException {
        return start(0);
    }

    public static FakeAdmin start(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        FakeAdmin fake = new FakeAdmin(socket);
        Thread.ofVirtual().start(fake::accept);
        return fake;
    }

    public int port() {
        return server.getLocalPort();
    }

    public String address() {
        return "127.0.0.1:" + port();
    }

    /** {@code request}: {@code "GET /certs"}, without a query. */
    public FakeAdmin on(String request, Answer answer) {
        answers.put(request, answer);
        return this;
    }

    public FakeAdmin on(String request, int status, String body) {
        return on(request, out -> out.write(head(status, body.getBytes(StandardCharsets.UTF_8).length, body)));
    }

    /** A change, or what only the administrator may see: refused without the token. */
    public FakeAdmin guarded(String request, Answer answer) {
        return on("token " + request, answer);
    }

    public FakeAdmin guarded(String request, int status, String body) {
        return guarded(request, out -> out.write(head(status, body.getBytes(StandardCharsets.UTF_8).length, body)));
    }

    /** Lines in chunks; then whatever {@code end} does. */
    public FakeAdmin tap(Answer end, String... lines) {
        return guarded("GET /tap", out -> {
            out.write("HTTP/1.1 200 OK\r\ncontent-type: application/x-ndjson\r\ntransfer-encoding: chunked\r\n\r\n"
                    .getBytes(StandardCharsets.US_ASCII));
            for (String line : lines) {
                chunk(out, line + "\n");
            }
            out.flush();
            end.to(out);
        });
    }

    public static void chunk(OutputStream out, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        out.write((Integer.toHexString(bytes.length) + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.write(bytes);
        out.write("\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    /** The end that a tap has when its sidecar goes well. */
    public static void lastChunk(OutputStream out) throws IOException {
        out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }

    /** For {@link #tap}: goes on until the connection ends. */
    public static void forever(OutputStream out) throws InterruptedException {
        Thread.sleep(Duration.ofMinutes(1));
    }

    /** {@code length} as it is claimed. */
    public static byte[] head(int status, int length, String body) {
        return ("HTTP/1.1 " + status + " X\r\ncontent-type: application/json\r\ncontent-length: " + length
                        + "\r\nconnection: close\r\n\r\n" + body)
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The files that the sidecar of {@code folder} would have written. */
    public Path describe(Path folder) throws IOException {
        Files.createDirectories(folder.resolve("identity"));
        secret(folder.resolve("admin-address"), address() + "\n");
        return secret(folder.resolve("admin-token"), TOKEN);
    }

    public static Path secret(Path file, String content) throws IOException {
        Files.writeString(file, content);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
        return file;
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            InputStream in = new BufferedInputStream(socket.getInputStream());
            String request = line(in);
            if (request.isEmpty()) {
                return;
            }
            boolean token = false;
            for (String field = line(in); !field.isEmpty(); field = line(in)) {
                token |= field.toLowerCase(Locale.ROOT).equals("x-sallyport-admin-token: " + TOKEN);
            }
            String[] words = request.split(" ", -1);
            requests.add(words[0] + " " + words[1]);
            String key = words[0] + " " + words[1].replaceFirst("\\?.*", "");
            Answer guarded = answers.get("token " + key);
            Answer free = answers.getOrDefault(key, out -> out.write(head(404, 10, "not found\n")));
            OutputStream out = socket.getOutputStream();
            if (guarded == null) {
                free.to(out);
            } else if (token) {
                guarded.to(out);
            } else {
                String body =
                        "header x-sallyport-admin-token missing or wrong (expected: the content of admin-token)\n";
                out.write(head(403, body.length(), body));
            }
            out.flush();
        } catch (IOException e) {
            // The client has gone, or the test is over.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    /** As a sidecar that is killed. */
    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : open) {
            socket.close();
        }
    }
}
