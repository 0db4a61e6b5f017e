package dev.sallyport.identity;

import dev.sallyport.identity.SvidRejectedException.Reason;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;

/** A workload's X.509-SVID with its key: leaf profile and key match are checked at construction. X509-SVID sections 2, 4, 5. */
public final class X509Svid {
    private final SpiffeId id;
    private final List<X509Certificate> chain;
    private final PrivateKey privateKey;
    private final String serial;

    private X509Svid(SpiffeId id, List<X509Certificate> chain, PrivateKey privateKey) {
        this.id = id;
        this.chain = chain;
        this.privateKey = privateKey;
        this.serial = serialOf(chain.getFirst());
    }

    /** Chain leaf first, without the root. Whether anybody trusts it is the verifier's question, not asked here. */
    public static X509Svid of(List<X509Certificate> chain, PrivateKey privateKey) throws SvidRejectedException {
        SvidVerifier.checkBounds(chain);
        X509Certificate leaf = chain.getFirst();
        SpiffeId id = LeafProfile.check(leaf);
        if (!KeyPolicy.isP256(leaf.getPublicKey()) || !KeyPolicy.isP256(privateKey)) {
            throw new SvidRejectedException(
                    Reason.IDENTITY,
                    "key of " + id + ": " + Shown.of(leaf.getPublicKey().getAlgorithm()) + " (expected: EC P-256)");
        }
        if (!belongTogether(leaf, privateKey)) {
            throw new SvidRejectedException(
                    Reason.IDENTITY,
                    "private key of " + id + ": another one (expected: the key of the leaf certificate)");
        }
        return new X509Svid(id, List.copyOf(chain), privateKey);
    }

    /** PEM of the chain (leaf first) and PKCS#8 PEM of the key. */
    public static X509Svid ofPem(String chainPem, String privateKeyPem) throws SvidRejectedException {
        return of(Pem.certificates(chainPem), Pem.privateKey(privateKeyPem));
    }

    /** Checks the leaf profile alone (exactly one URI SAN, not a CA, digitalSignature, no keyCertSign or cRLSign) and returns its ID. */
    public static SpiffeId leafId(X509Certificate leaf) throws SvidRejectedException {
        return LeafProfile.check(leaf);
    }

    /** One certificate in DER, strictly: nothing after it, and no other encoding of the same. */
    public static X509Certificate certificate(byte[] der) throws SvidRejectedException {
        return Pem.certificate(der);
    }

    /** Lower-case hex of a certificate's serial number, no leading zero octet trimmed to odd length. */
    public static String serialOf(X509Certificate certificate) {
        String hex = certificate.getSerialNumber().toString(16);
        return hex.length() % 2 == 0 ? hex : "0" + hex;
    }

    /** Lower-case hex SHA-256 of a certificate's DER. */
    public static String fingerprintOf(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Pem.der(certificate)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The one SPIFFE ID of the leaf. */
    public SpiffeId id() {
        return id;
    }

    /** Leaf first, without the root. */
    public List<X509Certificate> chain() {
        return chain;
    }

    /** The key of the leaf: EC P-256, for handshakes and the 0600 file only. */
    public PrivateKey privateKey() {
        return privateKey;
    }

    /** Of the leaf, as {@link #serialOf} writes it. */
    public String serial() {
        return serial;
    }

    /** Start of the leaf, in whole seconds. */
    public Instant notBefore() {
        return chain.getFirst().getNotBefore().toInstant();
    }

    /** Last second of the leaf. */
    public Instant notAfter() {
        return chain.getFirst().getNotAfter().toInstant();
    }

    /** Identity and serial; never the key. */
    @Override
    public String toString() {
        return id + " serial " + serial;
    }

    /** Shown by use: the JDK gives no way from a private EC key to its public one. */
    private static boolean belongTogether(X509Certificate leaf, PrivateKey privateKey) {
        byte[] probe = Pem.der(leaf);
        try {
            Signature signature = Signature.getInstance("SHA256withECDSA");
            signature.initSign(privateKey);
            signature.update(probe);
            byte[] signed = signature.sign();
            signature.initVerify(leaf.getPublicKey());
            signature.update(probe);
            return signature.verify(signed);
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
