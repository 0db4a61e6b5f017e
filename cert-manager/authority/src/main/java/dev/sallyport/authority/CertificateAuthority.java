package dev.sallyport.authority;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import java.time.Duration;

/** Signs workload leaves. Names inside the CSR are ignored: the identity comes from attestation. Blocking; any thread. */
public interface CertificateAuthority {
    /** A leaf begins this long before it is issued: a peer whose clock is five minutes behind must not refuse it, and nobody gains by a beginning in the past. */
    Duration BACK_DATED = Duration.ofMinutes(6);

    /**
     * P-256 leaf for {@code id} and the key of the request (PKCS#10, DER), verified as a peer would verify it; {@code life} is cut to the signing certificate's end. Reserved identities
     * are signed like any other: whether the asker may have one is for the caller to decide.
     *
     * @throws IssuanceRefusedException the request is at fault, and would be refused again
     * @throws AuthorityUnavailableException the authority is at fault, and it may pass
     */
    IssuedCertificate issue(byte[] csrDer, SpiffeId id, Duration life)
            throws IssuanceRefusedException, AuthorityUnavailableException;

    /** What peers must hold to verify the leaves. */
    TrustBundle trustBundle();

    /** How it stands now, from memory: for status, metrics, the outage budget. */
    Standing standing();
}
