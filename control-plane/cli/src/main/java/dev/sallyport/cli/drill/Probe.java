package dev.sallyport.cli.drill;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** A request that goes through the mesh, again and again; any status from 200 to 299 is right. Blocking; any thread. */
record Probe(HttpClient client, HttpRequest request) {
    static final Duration TIMEOUT = Duration.ofSeconds(10);
    private static final Set<String> METHODS = Set.of("GET", "HEAD", "POST", "PUT");

    /** {@code [METHOD ]URL}; {@code POST} and {@code PUT} have the body {@code {}}. {@code headers}: {@code name: value}. IllegalArgumentException says what is wrong. */
    static Probe of(HttpClient client, String text, List<String> headers) {
        int blank = text.indexOf(' ');
        String method = blank < 0 ? "GET" : text.substring(0, blank).toUpperCase(Locale.ROOT);
        URI uri = URI.create(text.substring(blank + 1));
        boolean http = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
        if (!METHODS.contains(method) || !http || uri.getHost() == null) {
            throw new IllegalArgumentException(text + " (expected: http://HOST:PORT/PATH, or a method before it, of "
                    + String.join(", ", METHODS.stream().sorted().toList()) + ")");
        }
        boolean body = method.startsWith("P");
        HttpRequest.Builder request = HttpRequest.newBuilder(uri)
                .timeout(TIMEOUT)
                .method(method, body ? BodyPublishers.ofString("{}") : BodyPublishers.noBody());
        if (body) {
            request.header("content-type", "application/json");
        }
        for (String header : headers) {
            int colon = header.indexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException("header (expected: NAME: VALUE)"); // never shown: it may be a token
            }
            request.header(
                    header.substring(0, colon).strip(),
                    header.substring(colon + 1).strip());
        }
        return new Probe(client, request.build());
    }

    /** What is wrong with the answer. */
    Optional<String> send() throws IOException, InterruptedException {
        HttpResponse<Void> response = client.send(request, BodyHandlers.discarding());
        return response.statusCode() / 100 == 2
                ? Optional.empty()
                : Optional.of(request.method() + " " + request.uri() + ": status " + response.statusCode());
    }
}
