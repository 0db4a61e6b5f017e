package dev.sallyport.server.ca;

import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.identity.TrustBundle;
import java.security.cert.X509Certificate;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Whether an authority may follow another in the way that was asked for. Pure. */
final class Fitness {
    private Fitness() {}

    /** Why not; a sentence. */
    static Optional<String> problem(Subject subject, CertificateAuthority from, CertificateAuthority to) {
        TrustBundle old = from.trustBundle();
        TrustBundle next = to.trustBundle();
        if (!next.trustDomain().equals(old.trustDomain())) {
            return Optional.of("trust domain of the next authority: " + next.trustDomain() + " (expected: "
                    + old.trustDomain() + ")");
        }
        if (issuerKey(from).equals(issuerKey(to))) {
            return Optional.of(
                    "next authority: signs with the key of the one in force (expected: another certificate; where Vault signs, make it there first)");
        }
        boolean sharesRoot = old.authorities().stream().anyMatch(next.authorities()::contains);
        boolean sameRoots = Set.copyOf(old.authorities()).equals(Set.copyOf(next.authorities()));
        if (subject == Subject.ROOT && sharesRoot) {
            return Optional.of(
                    "next authority: has a root that is trusted already (expected: another root; where it is Vault's, make it there first)");
        }
        if (subject == Subject.INTERMEDIATE && !sameRoots) {
            return Optional.of("next authority: has another root (expected: the same; see --root)");
        }
        return tooMany(old, next);
    }

    private static java.security.PublicKey issuerKey(CertificateAuthority authority) {
        return authority.standing().issuer().getPublicKey();
    }

    private static Optional<String> tooMany(TrustBundle old, TrustBundle next) {
        Set<X509Certificate> all = new HashSet<>(old.authorities());
        all.addAll(next.authorities());
        try {
            new TrustBundle(old.trustDomain(), java.util.List.copyOf(all));
            return Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.of("both authorities together: " + e.getMessage());
        }
    }
}
