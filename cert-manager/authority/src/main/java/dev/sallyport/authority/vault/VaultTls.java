package dev.sallyport.authority.vault;

import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import javax.net.ssl.KeyManager;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;

/** The TLS context of all calls: whom we take for Vault, and, for its certificate method, who we are. */
final class VaultTls {
    private VaultTls() {}

    static SSLContext context(VaultSettings settings) throws IOException {
        KeyManager[] own = settings.auth() instanceof VaultAuth.Certificate certificate
                ? new KeyManager[] {ClientCertificate.of(certificate.certificateFile(), certificate.keyFile())}
                : new KeyManager[0];
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(
                    own,
                    settings.caFile().isPresent() ? trusted(settings.caFile().get()) : null,
                    null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException("vault: TLS: " + e.getMessage(), e);
        }
    }

    private static TrustManager[] trusted(Path caFile) throws IOException, GeneralSecurityException {
        KeyStore anchors = KeyStore.getInstance("PKCS12");
        anchors.load(null, null);
        try {
            int number = 0;
            for (X509Certificate certificate : Pem.certificates(Files.readString(caFile))) {
                anchors.setCertificateEntry("ca" + number++, certificate);
            }
        } catch (SvidRejectedException e) {
            throw new IOException("caFile: " + caFile + ": " + e.getMessage(), e);
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(anchors);
        return trust.getTrustManagers();
    }
}
