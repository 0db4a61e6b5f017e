package dev.sallyport.authority;

import java.security.PublicKey;

/** The key of a signing request, for who must know it before anything is signed. */
public final class RequestKey {
    private RequestKey() {}

    /** P-256, its possession proven as for {@link CertificateAuthority#issue}. PKCS#10 in DER, RFC 2986. */
    public static PublicKey of(byte[] csrDer) throws IssuanceRefusedException {
        return SigningRequest.parse(csrDer).publicKey();
    }
}
