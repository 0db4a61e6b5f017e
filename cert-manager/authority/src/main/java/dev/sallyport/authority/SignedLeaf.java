package dev.sallyport.authority;

import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidVerifier;
import java.security.PublicKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * Whether what somebody else signed is what was asked for, and nothing more: a mis-set role signs CAs, further names, other lives. Asked for {@code id} and {@code key} at {@code now}, to
 * live for {@code life} from then.
 */
record SignedLeaf(SpiffeId id, PublicKey key, Instant now, Duration life) {
    /** Further apart than clocks should ever be; what lives longer than asked by more is not a matter of clocks. */
    private static final Duration CLOCKS_APART_MAX = Duration.ofMinutes(10);

    /** What a request takes, and clocks that are kept. */
    private static final Duration SHORT_BY_MAX = Duration.ofMinutes(1);

    private static final Duration RETRY_AFTER = Duration.ofSeconds(30);

    /** The chain of the first certificate of {@code pem}, below {@code issuer}; every property is checked before anybody sees it. */
    IssuedCertificate check(String pem, PinnedIssuer issuer, SvidVerifier verifier)
            throws AuthorityUnavailableException {
        try {
            X509Certificate leaf = Pem.certificates(pem).getFirst();
            checkDates(leaf);
            demand(leaf.getPublicKey().equals(key), "another key", "that of the request");
            int names = names(leaf).size();
            demand(names == 1, names + " names", "one, " + id);
            List<X509Certificate> chain = new ArrayList<>(List.of(leaf));
            chain.addAll(issuer.chain());
            SpiffeId proven = verifier.verify(FreshLeaf.first(chain));
            demand(proven.equals(id), "names " + proven, id.toString());
            return new IssuedCertificate(chain);
        } catch (SvidRejectedException e) {
            boolean foreign = e.reason() == SvidRejectedException.Reason.UNTRUSTED;
            throw refused(
                    "would not be accepted: " + e.getMessage(),
                    foreign
                            ? "signed by " + issuer.certificate().getSubjectX500Principal()
                                    + ", below the root that peers trust; was Vault set up anew or restored?"
                            : "an SVID as role and issuer are to make it; see sallyport vault setup --check");
        } catch (CertificateParsingException e) {
            throw refused("names do not parse", "one, " + id);
        }
    }

    /** What to tell an operator if it lives shorter than asked, which Vault does without an error. */
    Optional<String> cut(X509Certificate leaf, List<String> warnings) {
        Instant end = leaf.getNotAfter().toInstant();
        return end.isBefore(now.plus(life).minus(SHORT_BY_MAX))
                ? Optional.of("vault: leaves end at " + end + " (expected: " + now.plus(life)
                        + "; by the role's max_ttl, the mount's, or a clock that is behind)"
                        + (warnings.isEmpty() ? "" : ": " + String.join("; ", warnings)))
                : Optional.empty();
    }

    private void checkDates(X509Certificate leaf) throws AuthorityUnavailableException {
        Instant from = leaf.getNotBefore().toInstant();
        Instant end = leaf.getNotAfter().toInstant();
        if (now.isBefore(from)) {
            // Its end is what Vault's clock said and the life that was asked for, unless that was cut.
            throw refused(
                    "valid from " + from + ", our clock says " + now + ", Vault's about " + end.minus(life),
                    "valid now; which clock is wrong?");
        }
        demand(now.isBefore(end), "ended " + end, "after our clock, " + now);
        demand(
                !end.isAfter(now.plus(life).plus(CLOCKS_APART_MAX)),
                "ends " + end,
                "not after " + now.plus(life) + ", as asked for");
    }

    private static Collection<List<?>> names(X509Certificate leaf) throws CertificateParsingException {
        return Optional.ofNullable(leaf.getSubjectAlternativeNames()).orElse(List.of());
    }

    private void demand(boolean holds, String found, String expected) throws AuthorityUnavailableException {
        if (!holds) {
            throw refused(found, expected);
        }
    }

    private AuthorityUnavailableException refused(String found, String expected) {
        return new AuthorityUnavailableException(
                "vault: signed leaf of " + id + ": " + found + " (expected: " + expected + ")", RETRY_AFTER);
    }
}
