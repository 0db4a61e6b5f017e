package dev.sallyport.authority;

import dev.sallyport.authority.CertificateTemplate.Names;
import dev.sallyport.authority.CertificateTemplate.Validity;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;

/**
 * A CA certificate for a key that is elsewhere, as it shall be but for its signature: self-issued, signed by nobody that counts. Whoever signs it over takes all of it, its critical
 * name constraint too, where an endpoint that builds CA certificates itself may know no such constraint.
 */
public final class AuthorityDraft {
    /** For clocks that are behind ours. */
    private static final Duration BACK_DATED = Duration.ofHours(1);

    private AuthorityDraft() {}

    /** {@code root} once more, with its own name, key and dates, and bound to {@code trustDomain}. */
    public static X509Certificate root(X509Certificate root, TrustDomain trustDomain) throws IOException {
        var name = Signer.encodedName(root);
        Validity validity =
                new Validity(root.getNotBefore().toInstant(), root.getNotAfter().toInstant());
        return draft(new Names(name, name), validity, root.getPublicKey(), trustDomain, 1);
    }

    /** For the key of {@code requestDer} (PKCS#10), under a name of its own, from an hour ago until {@code end}. */
    public static X509Certificate intermediate(byte[] requestDer, TrustDomain trustDomain, Instant now, Instant end)
            throws IssuanceRefusedException, IOException {
        var name = CertificateTemplate.authorityName("Sallyport workloads", "intermediate");
        Validity validity = new Validity(now.minus(BACK_DATED), end);
        return draft(
                new Names(name, name),
                validity,
                SigningRequest.parse(requestDer).publicKey(),
                trustDomain,
                0);
    }

    private static X509Certificate draft(
            Names names, Validity validity, PublicKey key, TrustDomain trustDomain, int pathLength) throws IOException {
        return Signer.selfIssued(
                CertificateTemplate.workloadAuthority(names, validity, key, trustDomain, pathLength), key);
    }
}
