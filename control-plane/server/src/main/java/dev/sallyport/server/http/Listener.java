package dev.sallyport.server.http;

import com.linecorp.armeria.common.HttpResponse;
import com.linecorp.armeria.common.HttpStatus;
import com.linecorp.armeria.common.SessionProtocol;
import com.linecorp.armeria.common.metric.NoopMeterRegistry;
import com.linecorp.armeria.common.util.TlsEngineType;
import com.linecorp.armeria.server.Server;
import com.linecorp.armeria.server.ServerBuilder;
import com.linecorp.armeria.server.ServerPort;
import dev.sallyport.document.HostPort;
import dev.sallyport.identity.SvidKeyManager;
import dev.sallyport.identity.SvidSource;
import io.netty.channel.EventLoopGroup;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.OpenSslCachingX509KeyManagerFactory;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.SimpleKeyManagerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Collection;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import javax.net.ssl.KeyManager;
import javax.net.ssl.ManagerFactoryParameters;
import javax.net.ssl.TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * One Armeria server for each trust context: Armeria takes no TLS on port-based virtual hosts, and a context of its own cannot leak into another. TLS 1.3 only, BoringSSL, no
 * session tickets (switched off in {@code main}): a resumed session would skip the trust manager.
 */
public final class Listener {
    private static final Duration REQUEST_WITHIN = Duration.ofSeconds(15);
    /** Two pings without an answer close a connection: a stream's death is noticed within a lease. */
    private static final Duration PING_EVERY = Duration.ofSeconds(10);

    private static final Duration IDLE = Duration.ofSeconds(60);
    private static final int HEADERS_MAX = 16 * 1024;
    /** Handshakes in progress and idle connections count too. */
    private static final int CONNECTIONS_MAX = 12_000;

    private final String name;
    private final HostPort wanted;
    private final Server server;
    private CompletableFuture<Void> starting = CompletableFuture.failedFuture(new IllegalStateException("not started"));

    private Listener(String name, HostPort wanted, Server server) {
        this.name = name;
        this.wanted = wanted;
        this.server = server;
    }

    /** Loads what listeners are made of, on a thread of its own while the store opens: a third of the time until the control plane is ready. */
    public static void preload() {
        Thread.ofPlatform().daemon().name("preload").start(() -> {
            OpenSsl.isAvailable();
            Server.builder()
                    .service("/", (_, _) -> HttpResponse.of(HttpStatus.OK))
                    .build();
        });
    }

    /** Whose client certificates a listener accepts. */
    public sealed interface Clients {
        /** Everyone: the token in the request proves who it is. */
        record Anonymous() implements Clients {}

        /** Only who presents a certificate that this trust manager accepts. */
        record Certified(TrustManager trust) implements Clients {}
    }

    /** Plain HTTP, for monitoring. */
    public static Listener plain(
            String name, HostPort address, EventLoopGroup loops, Consumer<ServerBuilder> services) {
        ServerBuilder builder = common(loops);
        builder.port(socketAddress(address), SessionProtocol.HTTP);
        services.accept(builder);
        return new Listener(name, address, builder.build());
    }

    public static Listener tls(
            String name,
            HostPort address,
            EventLoopGroup loops,
            SvidSource svid,
            Clients clients,
            Consumer<ServerBuilder> services) {
        ServerBuilder builder = common(loops);
        builder.port(socketAddress(address), SessionProtocol.HTTPS)
                .tlsEngineType(TlsEngineType.OPENSSL)
                .tls(new OpenSslCachingX509KeyManagerFactory(new Keys(new SvidKeyManager(svid))))
                .tlsCustomizer(context -> customize(context, clients));
        services.accept(builder);
        return new Listener(name, address, builder.build());
    }

    private static void customize(SslContextBuilder context, Clients clients) {
        context.protocols("TLSv1.3");
        switch (clients) {
            case Clients.Anonymous() -> context.clientAuth(ClientAuth.NONE);
            case Clients.Certified(TrustManager trust) ->
                context.clientAuth(ClientAuth.REQUIRE).trustManager(trust);
        }
    }

    private static ServerBuilder common(EventLoopGroup loops) {
        return Server.builder()
                .workerGroup(loops, false)
                .bossGroupFactory(name -> EventLoops.of(1, name))
                .disableServerHeader()
                .disableDateHeader()
                .requestTimeout(REQUEST_WITHIN)
                .connectionDrainDurationMicros(0) // Streams are ended with a reason before; nothing else lasts.
                .idleTimeout(IDLE)
                .pingInterval(PING_EVERY)
                .maxNumConnections(CONNECTIONS_MAX)
                .http1MaxHeaderSize(HEADERS_MAX)
                .http2MaxHeaderListSize(HEADERS_MAX)
                .verboseResponses(false)
                .meterRegistry(NoopMeterRegistry.get()) // Monitoring counts what matters here, under names of its own.
                .errorHandler(new ProblemErrors());
    }

    private static InetSocketAddress socketAddress(HostPort address) {
        return new InetSocketAddress(address.host(), address.port());
    }

    /** Binds all at the same time. IOException says which listener, which address and why; the others may be bound then. */
    public static void start(Collection<Listener> listeners) throws IOException {
        listeners.forEach(listener -> listener.starting = listener.server.start());
        for (Listener listener : listeners) {
            listener.awaitStart();
        }
    }

    private void awaitStart() throws IOException {
        try {
            starting.join();
        } catch (CompletionException e) {
            Throwable cause = Objects.requireNonNullElse(e.getCause(), e);
            throw new IOException(
                    name + ": " + wanted + " (expected: an address that can be bound): " + cause.getMessage(), e);
        }
    }

    /** The address as bound, with the port that the system chose for 0. */
    public HostPort address() {
        ServerPort port = Objects.requireNonNull(server.activePort(), "not started");
        return new HostPort(wanted.host(), port.localAddress().getPort());
    }

    /** Done when the last connection is closed. */
    public CompletableFuture<Void> stop() {
        return server.stop();
    }

    /** A factory around the one manager that reads the newest certificate at each handshake; its alias is the serial, so the cache of native keys never serves an old one. */
    private static final class Keys extends SimpleKeyManagerFactory {
        private final SvidKeyManager manager;

        Keys(SvidKeyManager manager) {
            this.manager = manager;
        }

        @Override
        protected void engineInit(@Nullable KeyStore keyStore, char @Nullable [] password) {}

        @Override
        protected void engineInit(ManagerFactoryParameters parameters) {}

        @Override
        protected KeyManager[] engineGetKeyManagers() {
            return new KeyManager[] {manager};
        }
    }
}
