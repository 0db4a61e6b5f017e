package dev.sallyport.authority;

import dev.sallyport.authority.CertificateTemplate.Names;
import dev.sallyport.authority.CertificateTemplate.Validity;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;

/**
 * Root and intermediate made on first start; keys encrypted at rest. Leaves: P-256, one URI SAN, 128-bit random serial, back-dated 6 min.
 *
 * <p>Both CA certificates may sign for one trust domain only (critical name constraint). Every leaf is verified as a
 * peer would verify it before it is handed out. Identities under {@code /sallyport/} ({@link SpiffeId#reserved()}) are
 * signed like any other: whether the asker may have one is for the caller to decide.
 */
public final class EmbeddedAuthority implements CertificateAuthority {
    private static final String ROOT = "root.pem";
    private static final String INTERMEDIATE = "intermediate.pem";
    private static final Period ROOT_LIFE = Period.ofYears(10);
    private static final Period INTERMEDIATE_LIFE = Period.ofYears(1);

    /** Long enough for any clock that could still complete a handshake. */
    private static final Duration BACK_DATED = Duration.ofHours(1);

    private final TrustBundle bundle;
    private final LeafSigner leaves;

    private EmbeddedAuthority(TrustDomain trustDomain, Signer root, Signer intermediate, Clock clock)
            throws IOException {
        this.bundle = new TrustBundle(trustDomain, List.of(root.certificate()));
        this.leaves = new LeafSigner(intermediate, List.of(), bundle, clock);
    }

    /**
     * Opens {@code directory}, or makes it and both certificates on first start. A root without its intermediate (a first
     * start that was cut short) is completed; an intermediate without its root is refused, for peers may trust that root.
     */
    public static EmbeddedAuthority open(Path directory, TrustDomain trustDomain, KeyEncryption encryption, Clock clock)
            throws IOException {
        if (trustDomain.name().contains("_")) {
            throw new IOException("trust domain: " + trustDomain
                    + " (expected: no underscore; name constraints on it cannot be verified)");
        }
        PrivateFiles.createFolder(directory);
        Path rootFile = directory.resolve(ROOT);
        Path intermediateFile = directory.resolve(INTERMEDIATE);
        if (Files.notExists(rootFile)) {
            if (Files.exists(intermediateFile)) {
                throw new IOException("authority root: " + rootFile + " is missing beside " + INTERMEDIATE
                        + " (expected: restored from a backup, or the whole folder moved away for a new authority)");
            }
            newRoot(trustDomain, clock.instant()).store(rootFile, encryption);
        }
        Signer root = Signer.load(rootFile, encryption);
        checkTrustDomain(rootFile, root.certificate(), trustDomain);
        if (Files.notExists(intermediateFile)) {
            newIntermediate(root, trustDomain, clock.instant()).store(intermediateFile, encryption);
        }
        var authority = new EmbeddedAuthority(trustDomain, root, Signer.load(intermediateFile, encryption), clock);
        authority.prove(directory, trustDomain);
        return authority;
    }

    /**
     * Makes {@code next} the folder of an authority with the same root: {@link #open} then adds an intermediate of its own. The sealed root is copied as it is; one that is there
     * already stays, so that this can be repeated.
     */
    public static void carryRoot(Path directory, Path next) throws IOException {
        Path root = directory.resolve(ROOT);
        if (Files.notExists(root)) {
            throw new IOException("authority root: " + root
                    + " is missing (expected: the root's key here, for it signs intermediates)");
        }
        PrivateFiles.createFolder(next);
        if (Files.notExists(next.resolve(ROOT))) {
            PrivateFiles.write(next.resolve(ROOT), PrivateFiles.read(root));
        }
    }

    @Override
    public IssuedCertificate issue(byte[] csrDer, SpiffeId id, Duration life) throws IssuanceRefusedException {
        return leaves.issue(csrDer, id, life);
    }

    @Override
    public TrustBundle trustBundle() {
        return bundle;
    }

    @Override
    public Standing standing() {
        X509Certificate issuer = leaves.certificate();
        return new Standing(
                AuthorityKind.EMBEDDED,
                issuer,
                Optional.empty(),
                Optional.of(issuer.getNotAfter().toInstant()),
                Optional.empty());
    }

    /** Signs and verifies a throw-away leaf: what is wrong with the files or the name shows now, not at the first enrolment. */
    private void prove(Path directory, TrustDomain trustDomain) throws IOException {
        byte[] request = CertificateSigningRequest.der(CertificateSigningRequest.newKeyPair());
        try {
            issue(request, SpiffeId.controlPlane(trustDomain), Duration.ofMinutes(1));
        } catch (IssuanceRefusedException e) {
            throw new IOException(
                    "authority: " + directory + " cannot sign for " + trustDomain + ": " + e.getMessage(), e);
        }
    }

    private static void checkTrustDomain(Path file, X509Certificate root, TrustDomain trustDomain) throws IOException {
        try {
            Collection<List<?>> names =
                    Optional.ofNullable(root.getSubjectAlternativeNames()).orElse(List.of());
            if (names.stream().noneMatch(name -> name.contains(trustDomain.uri()))) {
                throw new IOException("authority root: " + file + " is of " + names + " (expected: " + trustDomain.uri()
                        + "; was the trust domain changed?)");
            }
        } catch (CertificateParsingException e) {
            throw new IOException("authority root: " + file + ": " + e.getMessage(), e);
        }
    }

    private static Signer newRoot(TrustDomain trustDomain, Instant now) throws IOException {
        X500Name name = CertificateTemplate.authorityName("Sallyport workloads", "root");
        Validity validity = validity(now, ROOT_LIFE);
        return Signer.selfSigned(
                key -> CertificateTemplate.workloadAuthority(new Names(name, name), validity, key, trustDomain, 1));
    }

    private static Signer newIntermediate(Signer root, TrustDomain trustDomain, Instant now) throws IOException {
        Names names = new Names(root.name(), CertificateTemplate.authorityName("Sallyport workloads", "intermediate"));
        Validity validity = validity(now, INTERMEDIATE_LIFE);
        return root.certify(key -> CertificateTemplate.workloadAuthority(names, validity, key, trustDomain, 0));
    }

    private static Validity validity(Instant now, Period life) {
        return new Validity(
                now.minus(BACK_DATED), now.atZone(ZoneOffset.UTC).plus(life).toInstant());
    }
}
