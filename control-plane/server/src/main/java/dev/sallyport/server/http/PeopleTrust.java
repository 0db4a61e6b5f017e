package dev.sallyport.server.http;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** Who may speak to the API: holders of a certificate of the people's root, and nobody a workload's authority vouches for. The JDK's own path validation, with its client-authentication check. */
public final class PeopleTrust {
    private PeopleTrust() {}

    public static TrustManager of(X509Certificate root) {
        try {
            KeyStore anchors = KeyStore.getInstance("PKCS12");
            anchors.load(null, null);
            anchors.setCertificateEntry("people", root);
            TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
            factory.init(anchors);
            return factory.getTrustManagers()[0];
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException("PKIX is part of the platform", e);
        }
    }
}
