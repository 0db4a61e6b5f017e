package dev.sallyport.cli.witness;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sallyport.audit.tlog.NoteSignature;
import dev.sallyport.audit.tlog.SignedNote;
import dev.sallyport.audit.tlog.Witness;
import dev.sallyport.audit.tlog.WitnessRequest;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** C2SP tlog-witness over HTTP: {@code POST /add-checkpoint}, {@code GET /<SHA-256 of an origin>/checkpoint}. What a stranger sends is bounded in bytes, time and threads. */
final class WitnessServer implements AutoCloseable {
    /** Seconds for a whole request, and for its answer. */
    private static final String DEADLINE = "10";

    private static final int CONNECTIONS_MAX = 256;
    /** Each may wait for a client that is slow; the cosigning itself is one after the other. */
    private static final int THREADS = 64;

    private static final int WAITING_MAX = 64;
    private static final String TEXT = "text/plain; charset=utf-8";

    private final HttpServer server;
    private final ThreadPoolExecutor threads;
    private final Witness witness;

    /** IOException: nothing can listen there. */
    WitnessServer(Witness witness, InetSocketAddress listen) throws IOException {
        this.witness = witness;
        // Read by the platform's server once, when its first one is made.
        limit("sun.net.httpserver.maxReqTime", DEADLINE);
        limit("sun.net.httpserver.maxRspTime", DEADLINE);
        limit("jdk.httpserver.maxConnections", Integer.toString(CONNECTIONS_MAX));
        server = HttpServer.create(listen, CONNECTIONS_MAX);
        // A connection that finds no thread waits; one that finds no place is closed by the platform's server.
        threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                1,
                TimeUnit.MINUTES,
                new ArrayBlockingQueue<>(WAITING_MAX),
                Thread.ofPlatform().name("witness-", 0).factory());
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    private static void limit(String property, String value) {
        if (System.getProperty(property) == null) {
            System.setProperty(property, value);
        }
    }

    InetSocketAddress address() {
        return server.getAddress();
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            String path = exchange.getRequestURI().getPath();
            String method = exchange.getRequestMethod();
            if (path.equals(WitnessRequest.PATH)) {
                if (method.equals("POST")) {
                    add(exchange);
                } else {
                    send(exchange, 405, TEXT, method + " (expected: POST)\n");
                }
                return;
            }
            Optional<SignedNote> note = method.equals("GET") ? latest(path) : Optional.empty();
            if (note.isPresent()) {
                exchange.getResponseHeaders().set("Cache-Control", "no-cache");
                send(exchange, 200, TEXT, note.get().toBytes());
            } else {
                send(exchange, 404, TEXT, "not found\n");
            }
        }
    }

    private void add(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readNBytes(WitnessRequest.BYTES_MAX + 1);
        if (body.length > WitnessRequest.BYTES_MAX) {
            send(exchange, 413, TEXT, "request (expected: at most " + WitnessRequest.BYTES_MAX + " bytes)\n");
            return;
        }
        switch (witness.addCheckpoint(body)) {
            case Witness.Answer.Cosigned cosigned ->
                send(
                        exchange,
                        200,
                        TEXT,
                        cosigned.signatures().stream().map(NoteSignature::line).collect(Collectors.joining()));
            case Witness.Answer.Conflict conflict ->
                send(exchange, 409, WitnessRequest.SIZE_TYPE, conflict.size() + "\n");
            case Witness.Answer.Refused refused -> send(exchange, refused.status(), TEXT, refused.why() + "\n");
        }
    }

    private Optional<SignedNote> latest(String path) {
        return witness.origins().stream()
                .filter(origin -> path.equals("/" + sha256(origin) + "/checkpoint"))
                .findFirst()
                .flatMap(witness::latest);
    }

    private static String sha256(String origin) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(origin.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of the platform", e);
        }
    }

    private static void send(HttpExchange exchange, int status, String type, String body) throws IOException {
        send(exchange, status, type, body.getBytes(StandardCharsets.UTF_8));
    }

    private static void send(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
    }

    /** Ends at once; every cosignature that left is on disk. */
    @Override
    public void close() {
        server.stop(0);
        threads.shutdownNow();
    }
}
