package dev.sallyport.proxy.tls;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.X509Svid;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Who is at the other end of an mTLS connection, worked out once after the handshake. Serials and fingerprint are lower-case hex; {@code chain} is leaf first, as it was sent; {@code validUntil} is the earlier end of both certificates; {@code idText} is
 * {@code id} as it stands on every record, {@code issuer} and {@code notAfter} (RFC 3339) are the leaf's.
 */
public record Peer(
        SpiffeId id,
        String idText,
        String serial,
        String fingerprint,
        String issuer,
        String notAfter,
        List<X509Certificate> chain,
        String ownSerial,
        Instant validUntil,
        Tls tls) {
    /** How the connection is secured; {@code group}: of the key exchange, empty where the engine does not tell. */
    public record Tls(String version, String cipher, String group) {}

    /**
     * The trust manager has validated the chain during the handshake. {@code verifier}, its own, is asked again, which costs no signature: whose identity was taken back between the two would be connected otherwise, and
     * nobody would look at it again before the next change.
     */
    public static Peer of(SSLEngine engine, SvidVerifier verifier)
            throws SvidRejectedException, SSLPeerUnverifiedException {
        return of(engine.getSession(), KeyExchange.groupOf(engine), verifier);
    }

    static Peer of(SSLSession session, String group, SvidVerifier verifier)
            throws SvidRejectedException, SSLPeerUnverifiedException {
        Certificate[] own = session.getLocalCertificates();
        List<X509Certificate> chain = new ArrayList<>(2);
        for (Certificate certificate : session.getPeerCertificates()) {
            if (certificate instanceof X509Certificate x509) {
                chain.add(x509);
            }
        }
        SpiffeId id = verifier.verify(chain);
        X509Certificate leaf = chain.getFirst();
        String ownSerial = "";
        Instant validUntil = leaf.getNotAfter().toInstant();
        if (own != null && own.length > 0 && own[0] instanceof X509Certificate mine) {
            ownSerial = X509Svid.serialOf(mine);
            Instant ownEnd = mine.getNotAfter().toInstant();
            validUntil = ownEnd.isBefore(validUntil) ? ownEnd : validUntil;
        }
        return new Peer(
                id,
                id.toString(),
                X509Svid.serialOf(leaf),
                X509Svid.fingerprintOf(leaf),
                leaf.getIssuerX500Principal().getName(),
                leaf.getNotAfter().toInstant().toString(),
                List.copyOf(chain),
                ownSerial,
                validUntil,
                new Tls(session.getProtocol(), session.getCipherSuite(), group));
    }
}
