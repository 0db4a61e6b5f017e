package dev.sallyport.identity;

import java.util.Optional;

/** What a TLS handshake needs, read afresh at each one: the newest SVID and the bundles. Any thread; never blocks. */
public interface SvidSource {
    /** Empty before enrolment: handshakes fail. */
    Optional<X509Svid> svid();

    /** Empty for a trust domain that the mesh does not declare: its certificates prove nothing. */
    Optional<TrustBundle> bundle(TrustDomain trustDomain);

    /** Leaves and identities that no longer count. */
    default Revocations revocations() {
        return Revocations.NONE;
    }

    /** Rises by one whenever SVID, bundles or revocations change; pools of upstream connections belong to one generation. */
    long generation();
}
