package dev.sallyport.identity;

import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * {@link SvidVerifier} as JSSE sees it. Accepted issuers stay empty: Netty reads them once when a context is built.
 *
 * <p>It proves that the peer is somebody, not who: comparing the SPIFFE ID with the expected one comes after the
 * handshake and is the caller's. An X.509-SVID serves both directions, so client and server are checked alike.
 */
public final class SvidTrustManager extends X509ExtendedTrustManager {
    private final SvidVerifier verifier;

    /** One verifier serves all contexts of a process, so that they share what it remembers. */
    public SvidTrustManager(SvidVerifier verifier) {
        this.verifier = verifier;
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        check(chain);
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private void check(X509Certificate[] chain) throws SvidRejectedException {
        verifier.verify(List.of(chain));
    }
}
