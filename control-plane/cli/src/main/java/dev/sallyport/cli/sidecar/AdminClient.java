package dev.sallyport.cli.sidecar;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Invocation;
import dev.sallyport.cli.Table;
import dev.sallyport.document.HostPort;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Speaks the wire of a sidecar's admin port, and of its other pages. Blocking, at most {@link #TIMEOUT} a call and {@link #BYTES_MAX} an answer; any thread. */
public final class AdminClient implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(5);
    /** A policy of thousands of documents has a few megabytes. */
    private static final int BYTES_MAX = 64 << 20;

    private static final int SAID_MAX = 200;
    private static final String TOKEN_HEADER = "x-sallyport-admin-token";
    private static final String STARTED = "(expected: a running sidecar; sallyport proxy --config FILE starts one)";

    // Neither a proxy nor a redirect: the token goes to nobody else.
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(TIMEOUT)
            .followRedirects(HttpClient.Redirect.NEVER)
            .proxy(HttpClient.Builder.NO_PROXY)
            .build();

    /** What {@code path} answers. */
    public JsonNode get(AdminPort port, String path) throws CliException {
        return json(port, path, send(port, request(port, path).build(), text()));
    }

    /** The same for {@code /logging} and its like; with the token. */
    JsonNode change(AdminPort port, String path) throws CliException {
        return json(port, path, post(port, path));
    }

    /** With the token; what it answers is for nobody. */
    String post(AdminPort port, String path) throws CliException {
        return send(
                port,
                request(port, path)
                        .header(TOKEN_HEADER, port.token())
                        .POST(BodyPublishers.noBody())
                        .build(),
                text());
    }

    /** Lines without an end, as they come; to be closed. With the token. The answer must begin in time, its lines may take theirs. */
    InputStream stream(AdminPort port, String path) throws CliException {
        return send(port, request(port, path).header(TOKEN_HEADER, port.token()).build(), BodyHandlers.ofInputStream());
    }

    /** A page on another port of the same sidecar, as its metrics; empty when there is none. */
    public Optional<String> page(HostPort address, String path) {
        try {
            HttpResponse<String> response = exchange(request(address, path).build(), text());
            return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static BodyHandler<String> text() {
        return BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), BYTES_MAX);
    }

    private static HttpRequest.Builder request(AdminPort port, String path) {
        return request(port.address(), path);
    }

    private static HttpRequest.Builder request(HostPort address, String path) {
        return HttpRequest.newBuilder(URI.create("http://" + address + path));
    }

    private <T> T send(AdminPort port, HttpRequest request, BodyHandler<T> body) throws CliException {
        try {
            HttpResponse<T> response = exchange(request, body);
            if (response.statusCode() < 300) {
                return response.body();
            }
            throw refusal(port, request.uri().getPath(), response.statusCode(), said(response.body()));
        } catch (IOException e) {
            throw new AdminUnreachableException("sidecar: " + port + ": " + cause(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("sidecar: " + port + ": interrupted while waiting for its answer");
        }
    }

    /** Within {@link #TIMEOUT} with its body, where that is no stream: the request's own timeout ends with the head in one JDK and with the body in the next. */
    private <T> HttpResponse<T> exchange(HttpRequest request, BodyHandler<T> body)
            throws IOException, InterruptedException {
        CompletableFuture<HttpResponse<T>> answer = client.sendAsync(request, body);
        try {
            return answer.get(TIMEOUT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("no whole answer");
        } finally {
            answer.cancel(true);
        }
    }

    private static CliException refusal(AdminPort port, String path, int status, String said) {
        String what = "sidecar: " + port + ": ";
        return switch (status) {
            case 403 ->
                new CliException(what + "refused: "
                        + (said.contains("token")
                                ? "wrong token (expected: the content of admin-token in the state folder of this very sidecar; give --state DIR or --token-file)"
                                : said));
            case 404, 405 ->
                new CliException(what + "does not have " + path
                        + " (expected: a sidecar of this version; restart it with the new one)");
            case 503 ->
                new AdminUnreachableException(what + "not ready: " + said + " (expected: one that has started)");
            default -> new CliException(what + "status " + status + (said.isEmpty() ? "" : ": " + said));
        };
    }

    /** The first line of a refusal, which anybody who listens there could have written. */
    private static String said(Object body) throws IOException {
        String text;
        if (body instanceof InputStream stream) {
            try (stream) {
                text = new String(stream.readNBytes(SAID_MAX), StandardCharsets.UTF_8);
            }
        } else {
            text = String.valueOf(body);
        }
        String line = text.lines().findFirst().orElse("");
        return Table.visible(line.substring(0, Math.min(line.length(), SAID_MAX)));
    }

    private static String cause(IOException e) {
        if (e instanceof HttpTimeoutException) {
            return "no answer in time (expected: one within " + TIMEOUT.toSeconds() + " s)";
        }
        if (e instanceof ConnectException) {
            return "connection refused " + STARTED;
        }
        return "the answer broke off, or is no HTTP (expected: a sidecar's admin port)";
    }

    private static JsonNode json(AdminPort port, String path, String body) throws CliException {
        try {
            JsonNode json = Invocation.JSON.readTree(body);
            if (json.isObject()) {
                return json;
            }
        } catch (JsonProcessingException e) {
            // Said below; the parser's words would quote what is there.
        }
        throw new CliException(
                "sidecar: " + port + ": " + path + " is no JSON object (expected: a sidecar's admin port)");
    }

    /** Ends what is under way. */
    @Override
    public void close() {
        client.shutdownNow();
    }
}
