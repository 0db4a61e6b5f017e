package dev.sallyport.identity;

import dev.sallyport.identity.SvidRejectedException.Reason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** What a certificate must be to stand above a leaf, before path validation reads what it says of others. X509-SVID sections 3.2 and 4.3. */
final class IssuerProfile {
    /** Bit of KeyUsage, RFC 5280 section 4.2.1.3. */
    private static final int KEY_CERT_SIGN = 5;

    private static final String NAME_CONSTRAINTS = "2.5.29.30";
    private static final String CERTIFICATE_POLICIES = "2.5.29.32";
    private static final String POLICY_MAPPINGS = "2.5.29.33";

    /**
     * Of each extension that path validation multiplies with those of other certificates. The JDK does so before it
     * checks the signature: 16 KB of a stranger's name constraints cost as much as 80 verifications.
     */
    private static final int MAX_BYTES = 1024;

    private IssuerProfile() {}

    static void check(X509Certificate issuer) throws SvidRejectedException {
        Optional<boolean[]> usage = Optional.ofNullable(issuer.getKeyUsage());
        if (usage.isEmpty() || !usage.get()[KEY_CERT_SIGN]) {
            throw refused(issuer, "no key usage keyCertSign (expected: set)");
        }
        checkConstraintsParse(issuer);
    }

    /** Of a leaf as well: path validation reads there, too, what only an issuer has to say. */
    static void checkBounds(X509Certificate certificate) throws SvidRejectedException {
        for (String extension : List.of(NAME_CONSTRAINTS, CERTIFICATE_POLICIES, POLICY_MAPPINGS)) {
            int bytes = extension(certificate, extension).length;
            if (bytes > MAX_BYTES) {
                throw refused(
                        certificate,
                        "extension " + extension + " of " + bytes + " bytes (expected: <= " + MAX_BYTES + ")");
            }
        }
    }

    /** The JDK skips a non-critical extension that it cannot read, and with it what this authority must not sign. */
    private static void checkConstraintsParse(X509Certificate issuer) throws SvidRejectedException {
        byte[] octets = extension(issuer, NAME_CONSTRAINTS);
        try {
            if (octets.length > 0) {
                new TrustAnchor(issuer.getSubjectX500Principal(), issuer.getPublicKey(), content(octets));
            }
        } catch (RuntimeException e) {
            throw refused(issuer, "name constraints that do not parse (expected: those of RFC 5280 section 4.2.1.10)");
        }
    }

    private static byte[] extension(X509Certificate certificate, String oid) {
        // Null, by the JDK's contract, when the extension is absent.
        return Optional.ofNullable(certificate.getExtensionValue(oid)).orElse(new byte[0]);
    }

    /** Of an OCTET STRING in DER: a tag, a length in one byte, or in as many as its low bits say. X.690 section 8.1.3. */
    private static byte[] content(byte[] octets) {
        int length = octets[1] & 0xff;
        int header = length < 0x80 ? 2 : 2 + (length & 0x7f);
        return Arrays.copyOfRange(octets, header, octets.length);
    }

    private static SvidRejectedException refused(X509Certificate certificate, String problem) {
        return new SvidRejectedException(
                Reason.UNTRUSTED,
                "certificate " + Shown.of(certificate.getSubjectX500Principal().getName()) + ": " + problem);
    }
}
