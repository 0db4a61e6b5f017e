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
import java.util.Set;

/**
 * Calls of this service to the next one, through its own sidecar. The JDK's old client: it is there in a moment, where java.net.http takes a third of a second to load.
 */
final class Downstream {
    /** What a service of the shop carries on where nobody says otherwise: which request this belongs to. Who the user is, is the sidecars' business. */
    static final List<String> FORWARDED = List.of("traceparent", "tracestate", "x-request-id");

    /** Methods whose requests have a body here. */
    private static final Set<String> BODIED = Set.of("POST", "PUT");

    private static final int CONNECT_MILLIS = 2_000;
    private static final int READ_MILLIS = 15_000;

    private final Map<String, String> fixed;
    private final Optional<Path> file;
    private final List<String> forwarded;

    /**
     * {@code fixed}: base URL by service. {@code file}: lines {@code service=URL}, read at each call, for ports that are known later than this process starts. {@code forwarded}: the
     * headers that go on, as they came.
     */
    Downstream(Map<String, String> fixed, Optional<Path> file, List<String> forwarded) {
        this.fixed = Map.copyOf(fixed);
        this.file = file;
        this.forwarded = List.copyOf(forwarded);
    }

    /** {@code traceparent,tracestate}, or {@code none}. Throws IllegalArgumentException with the expectation. */
    static List<String> headers(String text) {
        if (text.equals("none")) {
            return List.of();
        }
        List<String> names = List.of(text.split(",", -1));
        if (!names.stream().allMatch(name -> name.matches("[A-Za-z0-9-]+"))) {
            throw new IllegalArgumentException(
                    "--forward: " + text + " (expected: names of headers with commas between, or none)");
        }
        return names;
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

    Answer make(Calls.Call call, Headers incoming) throws IOException {
        HttpURLConnection connection = (HttpURLConnection)
                URI.create(base(call.service()) + call.target()).toURL().openConnection();
        connection.setRequestMethod(call.method());
        connection.setConnectTimeout(CONNECT_MILLIS);
        connection.setReadTimeout(READ_MILLIS);
        connection.setInstanceFollowRedirects(false);
        for (String name : forwarded) {
            // A header of several lines, as tracestate may be, stays one.
            incoming.getOrDefault(name, List.of()).forEach(value -> connection.addRequestProperty(name, value));
        }
        if (BODIED.contains(call.method())) {
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
