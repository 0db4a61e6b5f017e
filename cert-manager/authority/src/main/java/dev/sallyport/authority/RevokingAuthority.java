package dev.sallyport.authority;

import java.security.cert.X509Certificate;

/** An authority with a list of revoked certificates of its own that wants to be told. The mesh itself does not wait for that list: revocations travel with snapshots. */
public interface RevokingAuthority {
    /** Tells it that {@code leaf}, which it signed, no longer counts. Repeating it is no error. Blocking. */
    void revoke(X509Certificate leaf) throws IssuanceRefusedException, AuthorityUnavailableException;
}
