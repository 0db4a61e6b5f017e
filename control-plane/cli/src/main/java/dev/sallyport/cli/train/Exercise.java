package dev.sallyport.cli.train;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** The requests of a training: mostly what is allowed, now and then what is denied, by several users; each answer is checked. Any thread. */
final class Exercise implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(10);

    /** In so many requests of one way one has no token, one is forbidden, three write, and the rest read. */
    private static final int KINDS = 25;

    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .build();
    private final AtomicInteger count = new AtomicInteger();
    private final List<String> tokens;
    private final List<String> upstreams;
    private final List<String> pages;

    /** By the ready lines of both sidecars. */
    Exercise(TrainingMesh mesh, JsonNode ready, JsonNode partner) {
        this.tokens = mesh.tokens();
        this.upstreams = List.of(
                "http://" + ready.path("upstreams").path(TrainingMesh.PARTNER).asText(),
                "http://" + partner.path("upstreams").path(TrainingMesh.TRAINED).asText());
        this.pages = List.of(
                "http://" + ready.path("metrics").asText() + "/metrics",
                "http://" + ready.path("admin").asText() + "/stats",
                "http://" + ready.path("health").asText() + "/readyz");
    }

    /** The next in turn; what was wrong with its answer, if anything. */
    Optional<String> next() throws IOException, InterruptedException {
        int n = count.getAndIncrement();
        // One way and the other in turn, each with users of its own: what came in with a token would go out as a hop in
        // its name.
        int way = n % upstreams.size();
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(upstreams.get(way) + "/things/" + n))
                .timeout(TIMEOUT);
        int kind = n / upstreams.size() % KINDS;
        if (kind == 0) {
            return send(request, 401); // whom nobody vouches for
        }
        request.header("authorization", "Bearer " + tokens.get(n % tokens.size()));
        return switch (kind) {
            case 1 -> send(request.DELETE(), 403);
            case 2, 3, 4 -> send(request.POST(BodyPublishers.ofString("{\"n\":" + n + "}")), 200);
            default -> send(request, 200);
        };
    }

    private Optional<String> send(HttpRequest.Builder request, int expected) throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
        return answer.statusCode() == expected
                ? Optional.empty()
                : Optional.of(answer.statusCode() + " (expected: " + expected + "): "
                        + answer.body().strip());
    }

    /** What Prometheus, people and Kubernetes ask. */
    void readPages() throws IOException, InterruptedException {
        for (String page : pages) {
            var _ = client.send(
                    HttpRequest.newBuilder(URI.create(page)).timeout(TIMEOUT).build(), BodyHandlers.discarding());
        }
    }

    @Override
    public void close() {
        client.shutdownNow();
    }
}
