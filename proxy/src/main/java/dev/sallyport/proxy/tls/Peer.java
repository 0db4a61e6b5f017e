package dev.sallyport.proxy.tls;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Who is at the other end of an mTLS connection, worked out once after the handshake. Serials and fingerprint are lower-case hex. */
public record Peer(
        SpiffeId id, String serial, String fingerprint, String ownSerial, String tlsVersion, String tlsCipher) {
    /** The trust manager has validated the chain during the handshake; this reads the leaf again, so that no identity exists without one. */
    public static Peer of(SSLSession session) throws SvidRejectedException, SSLPeerUnverifiedException {
        Certificate[] own = session.getLocalCertificates();
        if (!(session.getPeerCertificates()[0] instanceof X509Certificate leaf)) {
            throw new SvidRejectedException(
                    SvidRejectedException.Reason.MISSING, "peer certificate: none (expected: an X.509-SVID)");
        }
        String ownSerial =
                own != null && own.length > 0 && own[0] instanceof X509Certificate mine ? X509Svid.serialOf(mine) : "";
        return new Peer(
                X509Svid.leafId(leaf),
                X509Svid.serialOf(leaf),
                X509Svid.fingerprintOf(leaf),
                ownSerial,
                session.getProtocol(),
                session.getCipherSuite());
    }
}
