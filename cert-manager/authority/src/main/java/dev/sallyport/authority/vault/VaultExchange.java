package dev.sallyport.authority.vault;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.Authenticator;
import java.net.CookieHandler;
import java.net.ProxySelector;
import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.PushPromiseHandler;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;

/**
 * One request through the shared client, as the driver's own. It keeps what the driver drops or gets wrong: the status whatever it is, {@code Retry-After}, the body's bound, the
 * interrupt, and an end to the whole exchange (a request's time-out of the JDK ends with the headers, and a server may freeze after them). Used once, by one thread.
 */
final class VaultExchange extends HttpClient {
    /** A chain is 4 KiB, a list of issuers less than 100. */
    private static final long BODY_BYTES_MAX = 1 << 20;

    private final HttpClient shared;
    private final Duration total;
    private final Map<String, String> headers;
    private Optional<Response> response = Optional.empty();

    /** What came back. */
    record Response(int status, HttpHeaders headers, String body) {}

    /** {@code headers}: those that the driver does not know. */
    VaultExchange(HttpClient shared, Duration total, Map<String, String> headers) {
        this.shared = shared;
        this.total = total;
        this.headers = Map.copyOf(headers);
    }

    /** Empty when there was no answer. */
    Optional<Response> response() {
        return response;
    }

    @Override
    public <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) throws IOException {
        HttpRequest.Builder whole = HttpRequest.newBuilder(request, (_, _) -> true);
        headers.forEach(whole::setHeader);
        CompletableFuture<HttpResponse<T>> pending =
                shared.sendAsync(whole.build(), BodyHandlers.limiting(handler, BODY_BYTES_MAX));
        try {
            HttpResponse<T> answer = pending.get(total.toMillis(), TimeUnit.MILLISECONDS);
            response = Optional.of(new Response(answer.statusCode(), answer.headers(), String.valueOf(answer.body())));
            return answer;
        } catch (TimeoutException e) {
            throw new HttpTimeoutException("no whole answer within " + total.toMillis() + " ms");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted");
        } catch (ExecutionException e) {
            throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
        } finally {
            pending.cancel(true); // closes the connection of one that is still under way
        }
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(HttpRequest request, BodyHandler<T> handler) {
        throw new UnsupportedOperationException("one request, by send");
    }

    @Override
    public <T> CompletableFuture<HttpResponse<T>> sendAsync(
            HttpRequest request, BodyHandler<T> handler, PushPromiseHandler<T> pushes) {
        throw new UnsupportedOperationException("one request, by send");
    }

    @Override
    public Optional<CookieHandler> cookieHandler() {
        return shared.cookieHandler();
    }

    @Override
    public Optional<Duration> connectTimeout() {
        return shared.connectTimeout();
    }

    @Override
    public Redirect followRedirects() {
        return shared.followRedirects();
    }

    @Override
    public Optional<ProxySelector> proxy() {
        return shared.proxy();
    }

    @Override
    public SSLContext sslContext() {
        return shared.sslContext();
    }

    @Override
    public SSLParameters sslParameters() {
        return shared.sslParameters();
    }

    @Override
    public Optional<Authenticator> authenticator() {
        return shared.authenticator();
    }

    @Override
    public Version version() {
        return shared.version();
    }

    @Override
    public Optional<Executor> executor() {
        return shared.executor();
    }
}
