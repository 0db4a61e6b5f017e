package dev.sallyport.proxy.tls;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Who is at the other end of an mTLS connection, worked out once after the handshake. Serials and fingerprint are lower-case hex; {@code validUntil} is the earlier end of both certificates; {@code idText} is
 * {@code id} as it stands on every record.
 */
public record Peer(
        SpiffeId id,
        String idText,
        String serial,
        String fingerprint,
        String ownSerial,
        Instant validUntil,
        String tlsVersion,
        String tlsCipher) {
    /** The trust manager has validated the chain during the handshake; this reads the leaf again, so that no identity exists without one. */
    public static Peer of(SSLSession session) throws SvidRejectedException, SSLPeerUnverifiedException {
        Certificate[] own = session.getLocalCertificates();
        if (!(session.getPeerCertificates()[0] instanceof X509Certificate leaf)) {
            throw new SvidRejectedException(
                    SvidRejectedException.Reason.MISSING, "peer certificate: none (expected: an X.509-SVID)");
        }
        String ownSerial = "";
        Instant validUntil = leaf.getNotAfter().toInstant();
        if (own != null && own.length > 0 && own[0] instanceof X509Certificate mine) {
            ownSerial = X509Svid.serialOf(mine);
            Instant ownEnd = mine.getNotAfter().toInstant();
            validUntil = ownEnd.isBefore(validUntil) ? ownEnd : validUntil;
        }
        SpiffeId id = X509Svid.leafId(leaf);
        return new Peer(
                id,
                id.toString(),
                X509Svid.serialOf(leaf),
                X509Svid.fingerprintOf(leaf),
                ownSerial,
                validUntil,
                session.getProtocol(),
                session.getCipherSuite());
    }
}
