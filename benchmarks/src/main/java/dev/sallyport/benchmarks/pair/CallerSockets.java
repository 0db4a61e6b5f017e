package dev.sallyport.benchmarks.pair;

import dev.sallyport.contract.MeshNames;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.security.GeneralSecurityException;
import java.util.List;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;

/** Blocking connections of the caller to a callee's side: mutual TLS 1.3 by the JDK. Whom it meets is not verified: only the other side is measured. */
public final class CallerSockets {
    private static final int HANDSHAKE_MILLIS = 2_000;

    private final SSLContext tls;
    private final InetSocketAddress target;

    /** {@code keys}: the caller's certificate. */
    public CallerSockets(CallerKeys keys, InetSocketAddress target) {
        this.target = target;
        try {
            tls = SSLContext.getInstance("TLSv1.3");
            tls.init(new KeyManager[] {keys}, InsecureTrustManagerFactory.INSTANCE.getTrustManagers(), null);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("TLS of the caller", e);
        }
    }

    /** One whose handshake is done. */
    public SSLSocket connect() throws IOException {
        SSLSocket socket = (SSLSocket) tls.getSocketFactory().createSocket();
        try {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setServerNames(List.of(new SNIHostName(BenchMesh.serverName())));
            parameters.setApplicationProtocols(new String[] {MeshNames.ALPN_HTTP1});
            socket.setSSLParameters(parameters);
            socket.connect(target);
            socket.setSoTimeout(HANDSHAKE_MILLIS);
            socket.startHandshake();
            return socket;
        } catch (IOException e) {
            socket.close();
            throw e;
        }
    }
}
