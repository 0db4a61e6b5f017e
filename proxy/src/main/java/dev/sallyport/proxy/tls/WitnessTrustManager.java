package dev.sallyport.proxy.tls;

import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidTrustManager;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.X509Svid;
import io.netty.handler.ssl.OpenSslCertificateException;
import io.netty.internal.tcnative.CertificateVerifier;
import java.net.Socket;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/** {@link SvidTrustManager} that remembers which leaf it refused; it decides nothing itself. */
public final class WitnessTrustManager extends X509ExtendedTrustManager {
    private final SvidTrustManager judge;

    public WitnessTrustManager(SvidVerifier verifier) {
        this.judge = new SvidTrustManager(verifier);
    }

    private interface Check {
        void run() throws CertificateException;
    }

    private static void witness(X509Certificate[] chain, Check check) throws CertificateException {
        try {
            check.run();
        } catch (SvidRejectedException refused) {
            String leaf = chain.length == 0 ? "" : X509Svid.fingerprintOf(chain[0]);
            throw new OpenSslCertificateException(
                    refused.getMessage(), new RefusedPeerException(leaf, refused), alert(refused.reason()));
        }
    }

    /** What the peer is told, as a TLS alert: revoked, expired, unknown CA, or bad certificate. */
    private static int alert(SvidRejectedException.Reason reason) {
        return switch (reason) {
            case REVOKED -> CertificateVerifier.X509_V_ERR_CERT_REVOKED;
            case EXPIRED -> CertificateVerifier.X509_V_ERR_CERT_HAS_EXPIRED;
            case UNTRUSTED -> CertificateVerifier.X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY;
            case MISSING, IDENTITY -> CertificateVerifier.X509_V_ERR_CERT_REJECTED;
        };
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        witness(chain, () -> judge.checkClientTrusted(chain, authType, engine));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws CertificateException {
        witness(chain, () -> judge.checkServerTrusted(chain, authType, engine));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        witness(chain, () -> judge.checkClientTrusted(chain, authType, socket));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws CertificateException {
        witness(chain, () -> judge.checkServerTrusted(chain, authType, socket));
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        witness(chain, () -> judge.checkClientTrusted(chain, authType));
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws CertificateException {
        witness(chain, () -> judge.checkServerTrusted(chain, authType));
    }

    /** Empty, as Netty reads it once when a context is built: a changed bundle would leave stale names. */
    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
