package dev.sallyport.server.fetch;

import com.linecorp.armeria.client.ClientFactory;
import com.linecorp.armeria.client.Endpoint;
import com.linecorp.armeria.client.RequestOptions;
import com.linecorp.armeria.client.ResponseTimeoutException;
import com.linecorp.armeria.client.ResponseTimeoutMode;
import com.linecorp.armeria.client.UnprocessedRequestException;
import com.linecorp.armeria.client.WebClient;
import com.linecorp.armeria.common.AggregatedHttpResponse;
import com.linecorp.armeria.common.ContentTooLargeException;
import com.linecorp.armeria.common.HttpData;
import com.linecorp.armeria.common.HttpHeaderNames;
import com.linecorp.armeria.common.HttpMethod;
import com.linecorp.armeria.common.HttpRequest;
import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.MediaType;
import com.linecorp.armeria.common.RequestHeaders;
import com.linecorp.armeria.common.RequestHeadersBuilder;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.metric.NoopMeterRegistry;
import com.linecorp.armeria.common.util.TlsEngineType;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.resolver.AddressResolver;
import io.netty.resolver.AddressResolverGroup;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.EventExecutor;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One request to an address that the caller has checked, and to no other: the host of the URI goes into SNI, certificate check and Host, the address alone is dialled. A second
 * look-up between check and dial could answer differently (DNS rebinding). HTTP/1.1, one connection for each request; answers are taken as they are, never decompressed. Blocks.
 */
final class PinnedClient implements AutoCloseable {
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(3);
    private static final int HEAD_BYTES_MAX = 16 * 1024;

    /** {@code body}: of an answer that kept the limits. */
    @SuppressWarnings("ArrayRecordComponent") // parsed once by whoever asked, compared by nobody
    record Answer(
            int status,
            Optional<String> location,
            Optional<String> contentType,
            Optional<String> encoding,
            Optional<String> retryAfter,
            byte[] body) {}

    private final EventLoopGroup loops;
    private final Consumer<SslContextBuilder> tls;
    private @Nullable ClientFactory factory; // guarded by this: made by the first fetch, which no start-up waits for

    PinnedClient(EventLoopGroup loops, Consumer<SslContextBuilder> tls) {
        this.loops = loops;
        this.tls = tls;
    }

    /** The whole answer, at most {@code bytesMax} of body, within {@code limit} from now. IOException names the target and what went wrong. */
    Answer get(URI target, InetAddress address, int bytesMax, Duration limit) throws IOException, InterruptedException {
        RequestHeaders head = head(HttpMethod.GET, target)
                .set(HttpHeaderNames.ACCEPT, "application/json, application/jwk-set+json")
                .build();
        return send(HttpRequest.of(head), target, address, bytesMax, limit);
    }

    /** As {@link #get}, with a body. */
    Answer post(URI target, InetAddress address, byte[] body, int bytesMax, Duration limit)
            throws IOException, InterruptedException {
        RequestHeaders head = head(HttpMethod.POST, target)
                .contentType(MediaType.PLAIN_TEXT_UTF_8)
                .build();
        return send(HttpRequest.of(head, HttpData.wrap(body)), target, address, bytesMax, limit);
    }

    /** As {@link #post}, with the type and the headers of {@code message}; its names and values are well formed (Netty refuses others). */
    Answer send(URI target, InetAddress address, Fetch.Message message, int bytesMax, Duration limit)
            throws IOException, InterruptedException {
        RequestHeadersBuilder head = head(HttpMethod.POST, target);
        message.headers().forEach(head::set);
        head.set(HttpHeaderNames.CONTENT_TYPE, message.contentType());
        return send(HttpRequest.of(head.build(), HttpData.wrap(message.body())), target, address, bytesMax, limit);
    }

    private Answer send(HttpRequest request, URI target, InetAddress address, int bytesMax, Duration limit)
            throws IOException, InterruptedException {
        HttpResponse response = client(target, address)
                .execute(
                        request,
                        RequestOptions.builder()
                                .responseTimeout(limit)
                                .responseTimeoutMode(ResponseTimeoutMode.FROM_START)
                                .maxResponseLength(bytesMax)
                                .build());
        try {
            AggregatedHttpResponse whole = response.aggregate().get();
            return new Answer(
                    whole.status().code(),
                    field(whole, HttpHeaderNames.LOCATION),
                    field(whole, HttpHeaderNames.CONTENT_TYPE),
                    field(whole, HttpHeaderNames.CONTENT_ENCODING),
                    field(whole, HttpHeaderNames.RETRY_AFTER),
                    whole.content().array());
        } catch (ExecutionException e) {
            throw new IOException(target + ": " + explained(e.getCause(), bytesMax, limit), e);
        } finally {
            response.abort();
        }
    }

    private WebClient client(URI target, InetAddress address) {
        SessionProtocol protocol = target.getScheme().equals("https") ? SessionProtocol.H1 : SessionProtocol.H1C;
        Endpoint endpoint =
                Endpoint.of(Targets.host(target), Targets.port(target)).withIpAddr(address.getHostAddress());
        return WebClient.builder(protocol, endpoint).factory(factory()).build();
    }

    private static RequestHeadersBuilder head(HttpMethod method, URI target) {
        String path = target.getRawPath() == null || target.getRawPath().isEmpty() ? "/" : target.getRawPath();
        String query = target.getRawQuery() == null ? "" : "?" + target.getRawQuery();
        return RequestHeaders.builder(method, path + query)
                .set(HttpHeaderNames.ACCEPT_ENCODING, "identity")
                .set(HttpHeaderNames.USER_AGENT, "sallyport");
    }

    private static Optional<String> field(AggregatedHttpResponse answer, AsciiString name) {
        return Optional.ofNullable(answer.headers().get(name));
    }

    private static String explained(@Nullable Throwable failure, int bytesMax, Duration limit) {
        Throwable cause = Objects.requireNonNullElseGet(failure, () -> new IOException("failed"));
        if (cause instanceof UnprocessedRequestException && cause.getCause() != null) {
            cause = cause.getCause();
        }
        return switch (cause) {
            case ContentTooLargeException _ -> "more than " + bytesMax + " bytes";
            case ResponseTimeoutException _ -> "no whole answer within " + limit.toMillis() + " ms";
            default -> cause.getMessage() == null ? cause.getClass().getSimpleName() : cause.getMessage();
        };
    }

    private synchronized ClientFactory factory() {
        if (factory == null) {
            factory = ClientFactory.builder()
                    .workerGroup(loops, false)
                    .connectTimeout(CONNECT_WITHIN)
                    .maxNumRequestsPerConnection(1)
                    .http1MaxHeaderSize(HEAD_BYTES_MAX)
                    .addressResolverGroupFactory(_ -> new NoResolver())
                    .tlsEngineType(
                            TlsEngineType.JDK) // with the JDK's own trust store and its list of broken algorithms
                    .tlsCustomizer(tls)
                    .meterRegistry(NoopMeterRegistry.get())
                    .build();
        }
        return factory;
    }

    @Override
    public synchronized void close() {
        if (factory != null) {
            factory.closeAsync(); // Not waited for: the loops end with the process.
        }
    }

    /** Every endpoint carries its address; a name that came here would be dialled unchecked. */
    private static final class NoResolver extends AddressResolverGroup<InetSocketAddress> {
        @Override
        protected AddressResolver<InetSocketAddress> newResolver(EventExecutor executor) {
            throw new IllegalStateException("a host name was about to be resolved without a check");
        }
    }
}
