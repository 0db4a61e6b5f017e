package dev.sallyport.benchmarks.copies;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** A web server on one thread of its own that reads a request to its end and answers what the three kinds of sinks say when they have taken all of it. */
final class EverySink implements AutoCloseable {
    static final String THREAD = "bench-sink";

    private static final int LINE_MAX = 8192;
    /** To Elasticsearch's client nothing failed, to OTLP's nothing was dropped; Loki's does not look. */
    private static final byte[] ANSWER = ("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                    + "content-length: 16\r\nconnection: close\r\n\r\n{\"errors\":false}")
            .getBytes(StandardCharsets.US_ASCII);

    private final ServerSocket server;
    private volatile long bytes;

    EverySink() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofPlatform().daemon().name(THREAD).start(this::run);
    }

    URI address() {
        return URI.create("http://127.0.0.1:" + server.getLocalPort());
    }

    /** Of bodies. */
    long bytes() {
        return bytes;
    }

    private void run() {
        while (!server.isClosed()) {
            try (Socket socket = server.accept()) {
                answer(socket);
            } catch (IOException e) {
                // Closed, or a client that went; the next one is another.
            }
        }
    }

    private void answer(Socket socket) throws IOException {
        InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 16);
        long length = 0;
        for (String line = line(in); !line.isEmpty(); line = line(in)) {
            if (line.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Long.parseLong(line.substring(line.indexOf(':') + 1).strip());
            }
        }
        in.skipNBytes(length);
        bytes += length;
        socket.getOutputStream().write(ANSWER);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0 || line.length() > LINE_MAX) {
                throw new IOException("no head of a request");
            }
            line.append((char) next);
        }
        return line.toString().strip();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
