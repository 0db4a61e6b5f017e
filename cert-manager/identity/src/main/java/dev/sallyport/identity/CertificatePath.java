package dev.sallyport.identity;

import dev.sallyport.identity.SvidRejectedException.Reason;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Set;

/** Path validation of RFC 5280 section 6 against the roots of one bundle, by the JDK. What costs nothing comes first. */
final class CertificatePath {
    private CertificatePath() {}

    /** {@code chain} is bounded and its leaf has the profile; {@code bundle} is that of the ID's trust domain. */
    static PathProof prove(SpiffeId id, List<X509Certificate> chain, TrustBundle bundle, Instant now)
            throws SvidRejectedException {
        List<X509Certificate> path = withoutRoot(chain, bundle);
        List<X509Certificate> roots = rootsByName(id, path, bundle);
        for (X509Certificate certificate : path) {
            KeyPolicy.check(certificate);
            IssuerProfile.checkBounds(certificate);
            checkDates(id, certificate, now);
        }
        for (X509Certificate issuer : path.subList(1, path.size())) {
            IssuerProfile.check(issuer);
        }
        SvidRejectedException refusal = null;
        for (X509Certificate root : roots) {
            try {
                KeyPolicy.check(root);
                IssuerProfile.checkBounds(root);
                IssuerProfile.check(root);
                return validate(id, path, root, now);
            } catch (SvidRejectedException e) {
                refusal = e;
            }
        }
        throw refusal != null ? refusal : noRoot(id);
    }

    private static List<X509Certificate> withoutRoot(List<X509Certificate> chain, TrustBundle bundle) {
        boolean closed = chain.size() > 1 && bundle.authorities().contains(chain.getLast());
        return closed ? chain.subList(0, chain.size() - 1) : chain;
    }

    /** Names are compared before any signature: a stranger's chain costs a few comparisons, not elliptic curves. */
    private static List<X509Certificate> rootsByName(SpiffeId id, List<X509Certificate> path, TrustBundle bundle)
            throws SvidRejectedException {
        for (int i = 0; i + 1 < path.size(); i++) {
            if (!path.get(i).getIssuerX500Principal().equals(path.get(i + 1).getSubjectX500Principal())) {
                throw new SvidRejectedException(
                        Reason.UNTRUSTED,
                        "certificate chain of " + id + ": broken after number " + (i + 1)
                                + " (expected: each followed by its issuer)");
            }
        }
        List<X509Certificate> roots = bundle.authorities().stream()
                .filter(root ->
                        root.getSubjectX500Principal().equals(path.getLast().getIssuerX500Principal()))
                .toList();
        if (roots.isEmpty()) {
            throw noRoot(id);
        }
        return roots;
    }

    private static SvidRejectedException noRoot(SpiffeId id) {
        return new SvidRejectedException(
                Reason.UNTRUSTED,
                "certificate chain of " + id + ": ends at an unknown issuer (expected: a root of " + id.trustDomain()
                        + ")");
    }

    private static void checkDates(SpiffeId id, X509Certificate certificate, Instant now) throws SvidRejectedException {
        Instant notBefore = certificate.getNotBefore().toInstant();
        Instant notAfter = certificate.getNotAfter().toInstant();
        if (now.isBefore(notBefore) || now.isAfter(notAfter)) {
            throw new SvidRejectedException(
                    Reason.EXPIRED,
                    "certificate chain of " + id + ": valid " + notBefore + ".." + notAfter + " (expected: at " + now
                            + "; is a clock wrong?)");
        }
    }

    /**
     * The root is validated as the last certificate of the path, under an anchor of just its name and key. As an anchor
     * itself the JDK would ignore its dates, path length and name constraints (RFC 5280 section 6.2 leaves that open).
     */
    private static PathProof validate(SpiffeId id, List<X509Certificate> path, X509Certificate root, Instant now)
            throws SvidRejectedException {
        List<X509Certificate> whole = new ArrayList<>(path);
        whole.add(root);
        checkDates(id, root, now);
        try {
            var anchor = new TrustAnchor(root.getSubjectX500Principal(), root.getPublicKey(), null);
            var parameters = new PKIXParameters(Set.of(anchor));
            // Certificates live for hours; who must go earlier is removed by policy, not by a CRL server that may be
            // down.
            parameters.setRevocationEnabled(false);
            // SPIFFE knows no policies. With mappings the tree of RFC 5280 section 6.1.2 grows by their power: five
            // certificates of 4 KB would hold a thread for minutes.
            parameters.setPolicyMappingInhibited(true);
            parameters.setDate(Date.from(now));
            var certPath = CertificateFactory.getInstance("X.509").generateCertPath(whole);
            CertPathValidator.getInstance("PKIX").validate(certPath, parameters);
        } catch (CertPathValidatorException e) {
            boolean dates = e.getReason() == BasicReason.EXPIRED || e.getReason() == BasicReason.NOT_YET_VALID;
            throw new SvidRejectedException(
                    dates ? Reason.EXPIRED : Reason.UNTRUSTED,
                    "certificate chain of " + id + ": " + Shown.of(String.valueOf(e.getMessage()))
                            + " (expected: a path to a root of " + id.trustDomain() + ")");
        } catch (GeneralSecurityException | RuntimeException e) {
            // What a stranger sent must never end as anything but a refusal, whatever a parser makes of it.
            throw new SvidRejectedException(
                    Reason.UNTRUSTED,
                    "certificate chain of " + id + ": " + Shown.of(String.valueOf(e.getMessage()))
                            + " (expected: a path that can be validated)");
        }
        return new PathProof(id, root, latestStart(whole), earliestEnd(whole));
    }

    private static Instant latestStart(List<X509Certificate> path) {
        return path.stream()
                .map(c -> c.getNotBefore().toInstant())
                .max(Instant::compareTo)
                .orElseThrow();
    }

    private static Instant earliestEnd(List<X509Certificate> path) {
        return path.stream()
                .map(c -> c.getNotAfter().toInstant())
                .min(Instant::compareTo)
                .orElseThrow();
    }
}
