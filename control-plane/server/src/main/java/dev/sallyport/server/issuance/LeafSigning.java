package dev.sallyport.server.issuance;

import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.authority.RequestKey;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.ca.Generation;
import dev.sallyport.server.ca.SigningPause;
import dev.sallyport.server.issuance.RefusedException.Reason;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** From a request's text to a signed leaf for an identity that was proven. The names in the request count for nothing, and the key that counts is the one whose possession the authority verified. */
final class LeafSigning {
    private static final Pattern CSR = Pattern.compile(
            "\\s*-----BEGIN CERTIFICATE REQUEST-----([A-Za-z0-9+/=\\s]{1,8192})-----END CERTIFICATE REQUEST-----\\s*");

    /** A leaf, who signed it, and the hash of its key. */
    record Signed(Generation signer, IssuedCertificate issued, String keyHash) {
        Instant notAfter() {
            return issued.leaf().getNotAfter().toInstant();
        }

        String serial() {
            return X509Svid.serialOf(issued.leaf());
        }

        /** As a line of the inventory. */
        Certificates.Entry entry(Draft draft, Instant now, Instant renewAt) {
            return new Certificates.Entry(
                    serial(),
                    draft.identity().toString(),
                    issued.leaf().getNotBefore().toInstant(),
                    notAfter(),
                    renewAt,
                    now,
                    draft.method().code(),
                    draft.instance(),
                    keyHash,
                    draft.parent().map(Certificates.Entry::serial),
                    false,
                    signer.number(),
                    issued.leaf().getIssuerX500Principal().getName(),
                    draft.parent()
                            .map(Certificates.Entry::origin)
                            .orElse(draft.method().code()),
                    draft.parent().map(Certificates.Entry::attestedAt).orElse(now),
                    Optional.empty(),
                    Optional.empty());
        }

        CertificateEvent.Draft event(Draft draft, Instant now) {
            return new CertificateEvent.Draft(
                    now,
                    draft.parent().isPresent() ? CertificateEvent.Kind.RENEWED : CertificateEvent.Kind.ISSUED,
                    serial(),
                    draft.identity().toString(),
                    draft.instance(),
                    draft.method().code(),
                    "",
                    draft.parent()
                                    .map(parent -> "succeeds " + parent.serial() + ", ")
                                    .orElse("")
                            + "until " + notAfter(),
                    1);
        }

        byte[] der() {
            try {
                return issued.leaf().getEncoded();
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException("a certificate that was just made", e);
            }
        }
    }

    /** Whom a leaf is for: {@code parent} is the certificate that it succeeds. */
    record Draft(SpiffeId identity, Method method, String instance, Optional<Certificates.Entry> parent) {}

    private final SigningPause pause;
    private final IssuerChains issuers = new IssuerChains();

    /** While {@code pause} lasts, nothing is signed. */
    LeafSigning(SigningPause pause) {
        this.pause = pause;
    }

    /** {@code spent} for it is given back when nothing is signed. */
    Signed sign(Generation signer, String csrPem, SpiffeId identity, Duration life, IssuanceRates.Spent spent)
            throws RefusedException, AuthorityUnavailableException {
        try {
            return sign(signer, csrPem, identity, life);
        } catch (AuthorityUnavailableException e) {
            spent.giveBack();
            throw e;
        } catch (RefusedException e) {
            spent.giveBackOfInstance();
            throw e;
        }
    }

    Signed sign(Generation signer, String csrPem, SpiffeId identity, Duration life)
            throws RefusedException, AuthorityUnavailableException {
        byte[] csr = der(csrPem);
        pause.check();
        try {
            IssuedCertificate issued = signer.authority().issue(csr, identity, life);
            issuers.learn(issued);
            return new Signed(
                    signer, issued, Hashes.sha256(issued.leaf().getPublicKey().getEncoded()));
        } catch (IssuanceRefusedException e) {
            throw new RefusedException(Reason.REQUEST, "csrPem: " + e.getMessage());
        }
    }

    /** The hash of a request's key, as {@link Signed#keyHash}; its possession is proven here as well. */
    static String keyHash(String csrPem) throws RefusedException {
        try {
            return Hashes.sha256(RequestKey.of(der(csrPem)).getEncoded());
        } catch (IssuanceRefusedException e) {
            throw new RefusedException(Reason.REQUEST, "csrPem: " + e.getMessage());
        }
    }

    /** A leaf that was signed earlier, with its chain; empty when none was signed since by the same issuer in this process. */
    Optional<List<X509Certificate>> chain(byte[] leaf) {
        return issuers.chain(leaf);
    }

    private static byte[] der(String csrPem) throws RefusedException {
        Matcher csr = CSR.matcher(csrPem);
        if (!csr.matches()) {
            throw new RefusedException(Reason.REQUEST, "csrPem (expected: one PEM block CERTIFICATE REQUEST)");
        }
        try {
            return Base64.getMimeDecoder().decode(csr.group(1));
        } catch (IllegalArgumentException e) {
            throw new RefusedException(Reason.REQUEST, "csrPem: " + e.getMessage());
        }
    }
}
