package dev.sallyport.server.ca;

import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.authority.Standing;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import java.time.Duration;
import java.util.Optional;

/** Stands in for one that could not be opened when this process started: what it signed is verified by its roots, which the store knows; it signs nothing. {@code problem}: why. */
record AwayAuthority(AuthorityKind kind, TrustBundle trustBundle, String problem) implements CertificateAuthority {
    private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

    @Override
    public IssuedCertificate issue(byte[] csrDer, SpiffeId id, Duration life) throws AuthorityUnavailableException {
        throw new AuthorityUnavailableException(problem, RETRY_AFTER);
    }

    /** Nobody here knows its issuer; the root is the next best. */
    @Override
    public Standing standing() {
        return new Standing(
                kind, trustBundle.authorities().getFirst(), Optional.empty(), Optional.empty(), Optional.of(problem));
    }
}
