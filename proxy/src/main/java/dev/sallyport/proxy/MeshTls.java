package dev.sallyport.proxy;

import dev.sallyport.contract.MeshNames;
import dev.sallyport.identity.SvidKeyManager;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.tls.Contexts;
import dev.sallyport.proxy.tls.Peer;
import dev.sallyport.proxy.tls.WitnessTrustManager;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.ReferenceCountedOpenSslContext;
import io.netty.handler.ssl.ReferenceCountedOpenSslEngine;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.KeyManagerFactoryWrapper;
import io.netty.internal.tcnative.SSL;
import io.netty.util.ReferenceCountUtil;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLException;

/**
 * The only place of the sidecar that builds TLS contexts: BoringSSL, TLS 1.3, client certificates required wherever we are the server, no resumption, endpoint identification off
 * because names are SPIFFE IDs, which the caller compares by {@link Peer#of} before its first byte. A context is built once: key and trust managers read the newest SVID and
 * bundles at each handshake.
 */
public final class MeshTls implements Contexts {
    /** From accepted or connected to authenticated. */
    public static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(5);

    /** Room for a leaf and three intermediates; more is no chain of ours. */
    private static final int CERTIFICATE_LIST_BYTES_MAX = 16 * 1024;

    static {
        // Netty turns TLS 1.3 tickets on by default, and a resumed session would skip the trust manager (design 3.3).
        // Read by Netty when its classes load, and set again per context.
        System.setProperty("jdk.tls.server.enableSessionTicketExtension", "false");
        System.setProperty("jdk.tls.client.enableSessionTicketExtension", "false");
    }

    private final SvidVerifier verifier;
    private final SslContext inbound;
    private final SslContext outbound;
    private final SslContext controlPlane;

    /** {@code clock} judges certificates' validity. */
    public MeshTls(SvidSource source, Clock clock) throws SSLException {
        verifier = new SvidVerifier(source, clock);
        inbound = harden(
                SslContextBuilder.forServer(keys(source))
                        .trustManager(new WitnessTrustManager(verifier))
                        .clientAuth(ClientAuth.REQUIRE),
                MeshNames.ALPN_HTTP1);
        outbound = harden(
                SslContextBuilder.forClient().keyManager(keys(source)).trustManager(new WitnessTrustManager(verifier)),
                MeshNames.ALPN_HTTP1);
        controlPlane = harden(
                SslContextBuilder.forClient().keyManager(keys(source)).trustManager(new WitnessTrustManager(verifier)),
                ApplicationProtocolNames.HTTP_2);
    }

    /**
     * Netty keeps the native form of the key that was used last, and makes it anew when the source shows another: it compares the instances at each handshake. A cache by alias would hold
     * on to keys whose certificates were replaced long ago.
     */
    private static KeyManagerFactory keys(SvidSource source) {
        return new KeyManagerFactoryWrapper(new SvidKeyManager(source));
    }

    private static SslContext harden(SslContextBuilder builder, String... protocols) throws SSLException {
        SslContext context = builder.sslProvider(SslProvider.OPENSSL_REFCNT)
                .protocols("TLSv1.3")
                .endpointIdentificationAlgorithm(null)
                .option(OpenSslContextOption.USE_TASKS, false)
                .option(OpenSslContextOption.MAX_CERTIFICATE_LIST_BYTES, CERTIFICATE_LIST_BYTES_MAX)
                .applicationProtocolConfig(new ApplicationProtocolConfig(
                        Protocol.ALPN,
                        SelectorFailureBehavior.NO_ADVERTISE,
                        SelectedListenerFailureBehavior.ACCEPT,
                        protocols))
                .build();
        ReferenceCountedOpenSslContext openSsl = (ReferenceCountedOpenSslContext) context;
        openSsl.sessionContext().setSessionCacheEnabled(false);
        refuseTickets(openSsl);
        return context;
    }

    /** The properties above count only if Netty had not loaded yet; so ask BoringSSL itself, and rather not start than resume. */
    private static void refuseTickets(ReferenceCountedOpenSslContext context) throws SSLException {
        ReferenceCountedOpenSslEngine probe =
                (ReferenceCountedOpenSslEngine) context.newEngine(UnpooledByteBufAllocator.DEFAULT);
        try {
            if ((SSL.getOptions(probe.sslPointer()) & SSL.SSL_OP_NO_TICKET) == 0) {
                throw new SSLException(
                        "TLS session tickets: on (expected: off; jdk.tls.*.enableSessionTicketExtension must be false before Netty loads)");
            }
        } finally {
            probe.release();
        }
    }

    /** For chains that do not come by TLS, too. */
    @Override
    public SvidVerifier svids() {
        return verifier;
    }

    /** Server side of 15006. */
    @Override
    public SslContext inbound() {
        return inbound;
    }

    /** Client side towards other sidecars; the caller sends SNI and compares the exact SPIFFE ID. */
    @Override
    public SslContext outbound() {
        return outbound;
    }

    /** Client side of 15012 with our SVID, ALPN h2. */
    public SslContext controlPlane() {
        return controlPlane;
    }

    /** Client side of 15013: no certificate of our own yet, trust in the join file's bundle alone. */
    public static SslContext enrolment(TrustBundle bundle, Clock clock) throws SSLException {
        SvidVerifier verifier = new SvidVerifier(new PinnedBundle(bundle), clock);
        return harden(
                SslContextBuilder.forClient().trustManager(new WitnessTrustManager(verifier)),
                ApplicationProtocolNames.HTTP_2,
                ApplicationProtocolNames.HTTP_1_1);
    }

    /** Frees the native contexts; handshakes and connections under way keep theirs until they end. */
    @Override
    public void close() {
        ReferenceCountUtil.release(inbound);
        ReferenceCountUtil.release(outbound);
        ReferenceCountUtil.release(controlPlane);
    }

    private record PinnedBundle(TrustBundle bundle) implements SvidSource {
        @Override
        public Optional<X509Svid> svid() {
            return Optional.empty();
        }

        @Override
        public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
            return Optional.of(bundle).filter(pinned -> pinned.trustDomain().equals(trustDomain));
        }

        @Override
        public long generation() {
            return 0;
        }
    }
}
