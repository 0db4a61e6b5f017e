package dev.sallyport.server.testing;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.authority.Standing;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import java.time.Duration;

/** A real authority, with what happens before it signs and after it has. */
public record AuthorityBetween(CertificateAuthority real, Moment before, Moment after) implements CertificateAuthority {
    /** Something that happens, or that keeps the authority from its answer. */
    public interface Moment {
        /** When nothing does. */
        Moment NONE = () -> {};

        void happen() throws AuthorityUnavailableException;
    }

    /** What a sealed Vault says. */
    public static AuthorityUnavailableException sealed() {
        return new AuthorityUnavailableException("sealed", Duration.ofSeconds(1));
    }

    @Override
    public IssuedCertificate issue(byte[] csrDer, SpiffeId id, Duration life)
            throws IssuanceRefusedException, AuthorityUnavailableException {
        before.happen();
        IssuedCertificate issued = real.issue(csrDer, id, life);
        after.happen();
        return issued;
    }

    @Override
    public TrustBundle trustBundle() {
        return real.trustBundle();
    }

    @Override
    public Standing standing() {
        return real.standing();
    }
}
