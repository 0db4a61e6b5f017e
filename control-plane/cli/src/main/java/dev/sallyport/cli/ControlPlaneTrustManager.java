package dev.sallyport.cli;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidVerifier;
import java.net.Socket;
import java.security.cert.X509Certificate;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Believes one server: the control plane, by its exact SPIFFE ID. There is no host name to compare: an SVID has none. Being an extended trust manager it alone decides; JSSE
 * compares no host name behind its back.
 */
final class ControlPlaneTrustManager extends X509ExtendedTrustManager {
    private final SvidVerifier verifier;
    private final SpiffeId expected;

    ControlPlaneTrustManager(SvidVerifier verifier, SpiffeId expected) {
        this.verifier = verifier;
        this.expected = expected;
    }

    private void check(X509Certificate[] chain) throws SvidRejectedException {
        SpiffeId actual = verifier.verify(List.of(chain));
        // Without this line any workload of the mesh could pose as its control plane.
        if (!actual.equals(expected)) {
            throw new SvidRejectedException(
                    SvidRejectedException.Reason.IDENTITY, "server: " + actual + " (expected: " + expected + ")");
        }
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws SvidRejectedException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws SvidRejectedException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String authType) throws SvidRejectedException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
            throws SvidRejectedException {
        throw noServer();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
            throws SvidRejectedException {
        throw noServer();
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String authType) throws SvidRejectedException {
        throw noServer();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }

    private static SvidRejectedException noServer() {
        return new SvidRejectedException(
                SvidRejectedException.Reason.UNTRUSTED,
                "client: refused (expected: none, the command line is no server)");
    }
}
