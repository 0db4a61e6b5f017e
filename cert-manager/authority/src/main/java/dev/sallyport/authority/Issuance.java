package dev.sallyport.authority;

import dev.sallyport.authority.CertificateTemplate.Validity;
import java.time.Duration;
import java.time.Instant;

/** When a leaf begins and ends. Pure. */
final class Issuance {
    /** X.509 counts whole seconds; a shorter life could be over before it begins. */
    private static final Duration SHORTEST_LIFE = Duration.ofSeconds(1);

    private Issuance() {}

    /** From a little before {@code now} until {@code now + life}, or the issuer's end if that is earlier. */
    static Validity validity(Instant now, Duration life, Validity issuer) throws IssuanceRefusedException {
        if (life.compareTo(SHORTEST_LIFE) < 0) {
            throw new IssuanceRefusedException("life: " + life + " (expected: >= " + SHORTEST_LIFE + ")");
        }
        if (!now.plus(SHORTEST_LIFE).isBefore(issuer.notAfter())) {
            throw new IssuanceRefusedException("signing certificate: ended " + issuer.notAfter() + " (expected: after "
                    + now + "; renew the authority)");
        }
        // Capped before it is added: an absurd life must not overflow the calendar.
        Duration left = Duration.between(now, issuer.notAfter());
        return new Validity(
                now.minus(CertificateAuthority.BACK_DATED), now.plus(life.compareTo(left) < 0 ? life : left));
    }
}
