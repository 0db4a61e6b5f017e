package dev.sallyport.demo;

import com.sun.net.httpserver.Headers;
import java.io.IOException;
import java.io.InputStream;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Calls of this service to the next one, through its own sidecar. The JDK's old client: it is there in a moment, where java.net.http takes a third of a second to load.
 */
final class Downstream {
    /** All that a service of the shop carries on: who the user is, and which request this belongs to. */
    private static final List<String> FORWARDED = List.of("Authorization", "traceparent", "x-request-id");

    private static final int CONNECT_MILLIS = 2_000;
    private static final int READ_MILLIS = 15_000;

    private final Map<String, String> fixed;
    private final Optional<Path> file;

    /** {@code fixed}: base URL by service. {@code file}: lines {@code service=URL}, read at each call, for ports that are known later than this process starts. */
    Downstream(Map<String, String> fixed, Optional<Path> file) {
        this.fixed = Map.copyOf(fixed);
        this.file = file;
    }

    /** {@code payment=http://127.0.0.1:1,catalog=…} or the same in lines. Throws IllegalArgumentException with the expectation. */
    static Map<String, String> parse(String text) {
        Map<String, String> upstreams = new HashMap<>();
        for (String pair : text.strip().split("[,\\s]+", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0 && pair.startsWith("http://127.0.0.1:", equals + 1)) {
                upstreams.put(pair.substring(0, equals), pair.substring(equals + 1));
            } else if (!pair.isEmpty()) {
                throw new IllegalArgumentException(pair + " (expected: service=http://127.0.0.1:port)");
            }
        }
        return upstreams;
    }

    /** What came back. {@code body} is JSON, as everything in the shop, denials included. */
    record Answer(int status, String body) {
        boolean good() {
            return status >= 200 && status < 300;
        }
    }

    Answer call(String service, String method, String path, Headers incoming) throws IOException {
        HttpURLConnection connection =
                (HttpURLConnection) URI.create(base(service) + path).toURL().openConnection();
        connection.setRequestMethod(method);
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        connection.setInstanceFollowRedirects(false);
        for (String name : FORWARDED) {
            Optional.ofNullable(incoming.getFirst(name)).ifPresent(value -> connection.setRequestProperty(name, value));
        }
        if (!method.equals("GET")) {
            connection.setDoOutput(true);
            connection.setRequestProperty("Content-Type", "application/json");
            connection.getOutputStream().write("{}".getBytes(StandardCharsets.US_ASCII));
        }
        int status = connection.getResponseCode();
        try (InputStream body = status < 400 ? connection.getInputStream() : connection.getErrorStream()) {
            String text = body == null ? "" : new String(body.readAllBytes(), StandardCharsets.UTF_8);
            boolean json = String.valueOf(connection.getContentType())
                    .toLowerCase(Locale.ROOT)
                    .contains("json");
            return new Answer(status, json ? text : Json.quoted(text));
        }
    }

    private String base(String service) throws IOException {
        String base = fixed.get(service);
        if (base == null && file.isPresent() && Files.exists(file.get())) {
            base = parse(Files.readString(file.get())).get(service);
        }
        if (base == null) {
            throw new IOException("no upstream: " + service);
        }
        return base;
    }
}
