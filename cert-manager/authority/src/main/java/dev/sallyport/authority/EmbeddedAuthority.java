package dev.sallyport.authority;

import dev.sallyport.authority.CertificateTemplate.Names;
import dev.sallyport.authority.CertificateTemplate.Validity;
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
 * Root and intermediate made on first start, each further intermediate in time; keys encrypted at rest. Leaves: P-256, one URI SAN, 128-bit random serial, back-dated 6 min.
 *
 * <p>All CA certificates may sign for one trust domain only (critical name constraint). Every leaf is verified as a
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
    private final Intermediates intermediates;

    private EmbeddedAuthority(TrustBundle bundle, Intermediates intermediates) {
        this.bundle = bundle;
        this.intermediates = intermediates;
    }

    /**
     * Opens {@code directory}, or makes it and both certificates on first start. A root without its intermediate (a first
     * start that was cut short) is completed; an intermediate without its root is refused, for peers may trust that root.
     */
    public static EmbeddedAuthority open(Path directory, TrustDomain trustDomain, KeyEncryption encryption, Clock clock)
            throws IOException {
        CertificateTemplate.checkConstrainable(trustDomain);
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
        var bundle = new TrustBundle(trustDomain, List.of(root.certificate()));
        var intermediates = Intermediates.open(
                directory, encryption, bundle, clock, now -> newIntermediate(root, trustDomain, now));
        if (intermediates.pair().current().isEmpty()) {
            intermediates.makeFirst();
        }
        var authority = new EmbeddedAuthority(bundle, intermediates);
        authority.prove(directory);
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

    /** What hinders it is here and passes only when an operator acts: it refuses rather than promise a later try. */
    @Override
    public IssuedCertificate issue(byte[] csrDer, SpiffeId id, Duration life) throws IssuanceRefusedException {
        intermediates.keepReady();
        try {
            return intermediates.signer().issue(csrDer, id, life);
        } catch (AuthorityUnavailableException e) {
            throw new IssuanceRefusedException(String.valueOf(e.getMessage()));
        }
    }

    @Override
    public TrustBundle trustBundle() {
        return bundle;
    }

    /** Alone until the root ends: whatever follows the intermediate is made here. */
    @Override
    public Standing standing() {
        Intermediates.Pair pair = intermediates.pair();
        return new Standing(
                AuthorityKind.EMBEDDED,
                pair.current().orElseThrow().intermediate().certificate(),
                pair.next().map(next -> next.intermediate().certificate()),
                Optional.of(bundle.authorities().getFirst().getNotAfter().toInstant()),
                intermediates.problem());
    }

    /** What is wrong with the files shows now, not at the first enrolment. */
    private void prove(Path directory) throws IOException {
        intermediates.keepReady();
        try {
            intermediates.signer().prove();
        } catch (IssuanceRefusedException | AuthorityUnavailableException e) {
            throw new IOException(
                    "authority: " + directory + " cannot sign for " + bundle.trustDomain() + ": " + e.getMessage(), e);
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
        Validity wished = validity(now, INTERMEDIATE_LIFE);
        Instant rootEnd = root.validity().notAfter();
        Validity validity =
                new Validity(wished.notBefore(), wished.notAfter().isBefore(rootEnd) ? wished.notAfter() : rootEnd);
        return root.certify(key -> CertificateTemplate.workloadAuthority(names, validity, key, trustDomain, 0));
    }

    private static Validity validity(Instant now, Period life) {
        return new Validity(
                now.minus(BACK_DATED), now.atZone(ZoneOffset.UTC).plus(life).toInstant());
    }
}
