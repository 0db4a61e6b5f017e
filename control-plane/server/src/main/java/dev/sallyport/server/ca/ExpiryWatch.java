package dev.sallyport.server.ca;

import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.identity.X509Svid;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in time that a root or an intermediate nears its end: at 50, 25 and 10 % of its life left, once each. A root that ends takes its whole mesh with it, and nothing but this
 * points to it before. One thread.
 */
final class ExpiryWatch {
    private static final Logger log = LoggerFactory.getLogger(ExpiryWatch.class);
    private static final List<Integer> PERCENT_LEFT = List.of(10, 25, 50);

    private final Authorities authorities;
    private final Clock clock;
    private final Map<String, Integer> said = new HashMap<>();

    ExpiryWatch(Authorities authorities, Clock clock) {
        this.authorities = authorities;
        this.clock = clock;
    }

    void look() {
        Generation signing = authorities.signing();
        for (X509Certificate root : signing.authority().trustBundle().authorities()) {
            look("root", signing, root);
        }
        look("intermediate", signing, signing.authority().standing().issuer());
    }

    private void look(String what, Generation of, X509Certificate certificate) {
        Instant now = clock.instant();
        Optional<Integer> left = left(
                certificate.getNotBefore().toInstant(),
                certificate.getNotAfter().toInstant(),
                now);
        if (left.isPresent()
                && !left.equals(Optional.ofNullable(said.put(X509Svid.fingerprintOf(certificate), left.get())))) {
            log.warn(
                    "authority of generation {}: less than {} % of the life of its {} is left, it ends {} (expected: sallyport ca rotate --{} before)",
                    of.number(), left.get(), what, certificate.getNotAfter().toInstant(), what);
        }
    }

    /** The lowest mark that what is left of a life has fallen below. */
    static Optional<Integer> left(Instant notBefore, Instant notAfter, Instant now) {
        long life = Duration.between(notBefore, notAfter).toSeconds();
        long ahead = Duration.between(now, notAfter).toSeconds();
        return PERCENT_LEFT.stream()
                .filter(percent -> ahead * 100 < life * percent)
                .findFirst();
    }

    /** Seconds until the first root of the signing authority ends; negative after. */
    static double rootSeconds(CertificateAuthority authority, Instant now) {
        X509Certificate first = authority.trustBundle().authorities().stream()
                .min(Comparator.comparing(X509Certificate::getNotAfter))
                .orElseThrow();
        return seconds(first, now);
    }

    static double seconds(X509Certificate certificate, Instant now) {
        return Duration.between(now, certificate.getNotAfter().toInstant()).toMillis() / 1000.0;
    }
}
