package dev.sallyport.identity;

import dev.sallyport.identity.SvidRejectedException.Reason;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What makes a certificate a leaf X.509-SVID, apart from who signed it. X509-SVID sections 2 and 4. */
final class LeafProfile {
    /** GeneralName choice uniformResourceIdentifier, RFC 5280 section 4.2.1.6. An ID in a dNSName is none. */
    private static final int URI = 6;

    /** Bits of KeyUsage, RFC 5280 section 4.2.1.3. */
    private static final int DIGITAL_SIGNATURE = 0;

    private static final int KEY_CERT_SIGN = 5;
    private static final int CRL_SIGN = 6;

    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    private LeafProfile() {}

    static SpiffeId check(X509Certificate leaf) throws SvidRejectedException {
        try {
            SpiffeId id = SpiffeId.parse(onlyUri(leaf));
            checkUsage(leaf);
            checkExtendedUsage(leaf);
            return id;
        } catch (InvalidSpiffeIdException e) {
            throw refused(String.valueOf(e.getMessage()));
        } catch (CertificateParsingException e) {
            throw refused("extension does not parse: " + Shown.of(String.valueOf(e.getMessage()))
                    + " (expected: names and usages of RFC 5280)");
        }
    }

    private static String onlyUri(X509Certificate leaf) throws SvidRejectedException, CertificateParsingException {
        // Null, by the JDK's contract, when the extension is absent.
        Collection<List<?>> names =
                Optional.ofNullable(leaf.getSubjectAlternativeNames()).orElse(List.of());
        List<String> uris = names.stream()
                .filter(name -> Integer.valueOf(URI).equals(name.get(0)))
                .map(name -> String.valueOf(name.get(1)))
                .toList();
        if (uris.size() != 1) {
            throw refused(uris.size() + " URI names (expected: exactly one, the SPIFFE ID)");
        }
        return uris.getFirst();
    }

    private static void checkUsage(X509Certificate leaf) throws SvidRejectedException {
        if (leaf.getBasicConstraints() >= 0) {
            throw refused("CA:true (expected: false)");
        }
        boolean[] usage = Optional.ofNullable(leaf.getKeyUsage()).orElse(new boolean[CRL_SIGN + 1]);
        if (!usage[DIGITAL_SIGNATURE]) {
            throw refused("no key usage digitalSignature (expected: set)");
        }
        if (usage[KEY_CERT_SIGN] || usage[CRL_SIGN]) {
            throw refused("key usage keyCertSign or cRLSign (expected: neither)");
        }
    }

    private static void checkExtendedUsage(X509Certificate leaf)
            throws SvidRejectedException, CertificateParsingException {
        Optional<List<String>> usages = Optional.ofNullable(leaf.getExtendedKeyUsage());
        if (usages.isPresent() && !usages.get().containsAll(List.of(SERVER_AUTH, CLIENT_AUTH))) {
            throw refused("extended key usage " + usages.get()
                    + " (expected: serverAuth and clientAuth, or no such extension)");
        }
    }

    private static SvidRejectedException refused(String problem) {
        return new SvidRejectedException(Reason.IDENTITY, "leaf certificate: " + problem);
    }
}
