package dev.sallyport.cli.demo;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.sallyport.cli.Invocation;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** The JDK's HTTP client, knowing nothing of Sallyport; every request into the mesh is entered in the ledger. Any thread. */
final class Client implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(15);

    private final HttpClient http = client().build();
    private final Ledger ledger;

    Client(Ledger ledger) {
        this.ledger = ledger;
    }

    private static HttpClient.Builder client() {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(5))
                .followRedirects(HttpClient.Redirect.NEVER);
    }

    /** One that a request carries. */
    record Header(String name, String value) {}

    /** What came back. */
    record Answer(int status, JsonNode body) {
        /** What a load counts as failed: everything but 200. */
        Optional<String> failure() {
            return status == 200 ? Optional.empty() : Optional.of(status + " " + body);
        }

        /** Of the denial, also when services on the way wrapped it into their own answers. Empty when nothing was denied. */
        String decisionId() {
            for (JsonNode level = body; !level.isMissingNode(); level = level.path("downstream")) {
                if (level.has("decisionId")) {
                    return level.path("decisionId").asText();
                }
            }
            return "";
        }
    }

    /** A POST that is recorded on both sides of each of {@code hops}. */
    Answer post(String url, Optional<String> token, int hops) throws IOException, InterruptedException {
        ledger.request(hops);
        return send(http, request(url, token).build());
    }

    /** The same with one more header. */
    Answer post(String url, Optional<String> token, int hops, Header header) throws IOException, InterruptedException {
        ledger.request(hops);
        return send(
                http, request(url, token).header(header.name(), header.value()).build());
    }

    /** A POST through {@code outbound} as an HTTP proxy (the URL names a service of the mesh), recorded on both sides. */
    Answer postBy(String outbound, String url, Optional<String> token) throws IOException, InterruptedException {
        ledger.request(1);
        return proxied(outbound, request(url, token).build());
    }

    /** As {@link #postBy}, to a destination at which the caller's own sidecar stops. */
    Answer postStopped(String outbound, String url, Optional<String> token) throws IOException, InterruptedException {
        ledger.oneSidedRequest();
        return proxied(outbound, request(url, token).build());
    }

    /** A GET beside the mesh: an admin page. Whatever is not a page fails: an answer that says nothing would otherwise look like one in which nothing is wrong. */
    JsonNode page(String url) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(URI.create(url)).timeout(TIMEOUT).build();
        Answer answer = send(http, request);
        if (answer.status() != 200 || !answer.body().isObject()) {
            throw new IOException(url + ": status " + answer.status()
                    + (answer.body().isObject() ? "" : ", no JSON") + " (expected: 200 and a JSON object)");
        }
        return answer.body();
    }

    /** A form posted beside the mesh: to the issuer. */
    JsonNode form(String url, String form) throws IOException, InterruptedException {
        return send(
                        http,
                        HttpRequest.newBuilder(URI.create(url))
                                .timeout(TIMEOUT)
                                .header("content-type", "application/x-www-form-urlencoded")
                                .POST(BodyPublishers.ofString(form))
                                .build())
                .body();
    }

    private static HttpRequest.Builder request(String url, Optional<String> token) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url))
                .timeout(TIMEOUT)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString("{}"));
        token.ifPresent(bearer -> request.header("authorization", "Bearer " + bearer));
        return request;
    }

    private static Answer proxied(String outbound, HttpRequest request) throws IOException, InterruptedException {
        int colon = outbound.lastIndexOf(':');
        InetSocketAddress proxy =
                new InetSocketAddress(outbound.substring(0, colon), Integer.parseInt(outbound.substring(colon + 1)));
        try (HttpClient through = client().proxy(ProxySelector.of(proxy)).build()) {
            return send(through, request);
        }
    }

    private static Answer send(HttpClient client, HttpRequest request) throws IOException, InterruptedException {
        HttpResponse<String> response = client.send(request, BodyHandlers.ofString(StandardCharsets.UTF_8));
        return new Answer(response.statusCode(), json(response.body()));
    }

    private static JsonNode json(String text) {
        try {
            return Invocation.JSON.readTree(text);
        } catch (JsonProcessingException notJson) {
            return MissingNode.getInstance();
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
