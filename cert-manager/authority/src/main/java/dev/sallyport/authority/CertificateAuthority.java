package dev.sallyport.authority;

import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import java.time.Duration;

/** Signs workload leaves. Names inside the CSR are ignored: the identity comes from attestation. Blocking; any thread. */
public interface CertificateAuthority {
    /** P-256 leaf for {@code id}; {@code life} is cut to the signing certificate's end. */
    IssuedCertificate issue(byte[] csrDer, SpiffeId id, Duration life) throws IssuanceRefusedException;

    /** What peers must hold to verify the leaves. */
    TrustBundle trustBundle();
}
