package dev.sallyport.benchmarks.pair;

import dev.sallyport.contract.MeshNames;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolConfig.Protocol;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectedListenerFailureBehavior;
import io.netty.handler.ssl.ApplicationProtocolConfig.SelectorFailureBehavior;
import io.netty.handler.ssl.OpenSslContextOption;
import io.netty.handler.ssl.OpenSslSessionContext;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.X509ExtendedKeyManager;
import org.jspecify.annotations.Nullable;

/** Certificates of one caller, shown in turn, one a handshake. Event loop only, once handshakes begin. */
public final class CallerKeys extends X509ExtendedKeyManager {
    private final List<X509Svid> certificates;
    private int at;

    private CallerKeys(List<X509Svid> certificates) {
        this.certificates = List.copyOf(certificates);
    }

    /** {@code NAME.pem} and {@code NAME.key} of {@code folder} for each name. */
    public static CallerKeys read(Path folder, List<String> names) throws IOException {
        List<X509Svid> certificates = new ArrayList<>();
        for (String name : names) {
            try {
                certificates.add(X509Svid.ofPem(
                        Files.readString(folder.resolve(name + ".pem")),
                        Files.readString(folder.resolve(name + ".key"))));
            } catch (SvidRejectedException e) {
                throw new IOException(name + ": " + e.getMessage(), e);
            }
        }
        return new CallerKeys(certificates);
    }

    /** The same from the first one on, in turns of their own. */
    public CallerKeys again() {
        return new CallerKeys(certificates);
    }

    /** As a sidecar calls: TLS 1.3 by BoringSSL, nothing resumed. Whom it meets is not verified: only the other side is measured. */
    public SslContext tls() {
        try {
            SslContext tls = SslContextBuilder.forClient()
                    .sslProvider(SslProvider.OPENSSL_REFCNT)
                    .protocols("TLSv1.3")
                    .keyManager(this)
                    .trustManager(InsecureTrustManagerFactory.INSTANCE)
                    .endpointIdentificationAlgorithm(null)
                    .option(OpenSslContextOption.USE_TASKS, false)
                    .applicationProtocolConfig(new ApplicationProtocolConfig(
                            Protocol.ALPN,
                            SelectorFailureBehavior.NO_ADVERTISE,
                            SelectedListenerFailureBehavior.ACCEPT,
                            MeshNames.ALPN_HTTP1))
                    .build();
            // Else the second handshake would be the first one's resumption, without any certificate.
            ((OpenSslSessionContext) tls.sessionContext()).setSessionCacheEnabled(false);
            return tls;
        } catch (SSLException e) {
            throw new IllegalStateException("TLS context of the load", e);
        }
    }

    @Override
    public String chooseEngineClientAlias(
            String @Nullable [] types, Principal @Nullable [] issuers, @Nullable SSLEngine engine) {
        at = at + 1 == certificates.size() ? 0 : at + 1;
        return String.valueOf(at);
    }

    @Override
    public String chooseClientAlias(
            String @Nullable [] types, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return chooseEngineClientAlias(types, issuers, null);
    }

    @Override
    public X509Certificate[] getCertificateChain(String alias) {
        return certificates.get(Integer.parseInt(alias)).chain().toArray(X509Certificate[]::new);
    }

    @Override
    public PrivateKey getPrivateKey(String alias) {
        return certificates.get(Integer.parseInt(alias)).privateKey();
    }

    @Override
    public String[] getClientAliases(String type, Principal @Nullable [] issuers) {
        return new String[] {"0"};
    }

    @Override
    public String[] getServerAliases(String type, Principal @Nullable [] issuers) {
        return new String[0];
    }

    @Override
    public @Nullable String chooseServerAlias(String type, Principal @Nullable [] issuers, @Nullable Socket socket) {
        return null;
    }
}
