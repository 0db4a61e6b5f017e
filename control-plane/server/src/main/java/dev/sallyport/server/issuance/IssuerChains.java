package dev.sallyport.server.issuance;

import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.stream.Stream;

/** What stood behind the leaves that were signed of late: the inventory has the leaf alone, and whoever asks for an answer again needs all of it. Any thread. */
final class IssuerChains {
    /** Issuers change once in days, and two authorities at most sign at a time. */
    private static final int KEPT_MAX = 8;

    private final SequencedSet<List<X509Certificate>> kept = new LinkedHashSet<>(); // guarded by itself

    void learn(IssuedCertificate issued) {
        List<X509Certificate> issuers =
                List.copyOf(issued.chain().subList(1, issued.chain().size()));
        if (issuers.isEmpty()) {
            return;
        }
        synchronized (kept) {
            kept.addLast(issuers);
            if (kept.size() > KEPT_MAX) {
                kept.removeFirst();
            }
        }
    }

    /** {@code leaf} (DER) with the issuers behind it; empty if its issuer is not among those kept. */
    Optional<List<X509Certificate>> chain(byte[] leaf) {
        X509Certificate certificate;
        try {
            certificate = X509Svid.certificate(leaf);
        } catch (SvidRejectedException e) {
            return Optional.empty(); // What is stored is damaged: another is signed.
        }
        return kept().stream()
                .filter(issuers -> signed(issuers.getFirst(), certificate))
                .findFirst()
                .map(issuers ->
                        Stream.concat(Stream.of(certificate), issuers.stream()).toList());
    }

    private List<List<X509Certificate>> kept() {
        synchronized (kept) {
            return List.copyOf(kept);
        }
    }

    private static boolean signed(X509Certificate issuer, X509Certificate leaf) {
        try {
            leaf.verify(issuer.getPublicKey());
            return leaf.getIssuerX500Principal().equals(issuer.getSubjectX500Principal());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }
}
