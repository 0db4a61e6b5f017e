package dev.sallyport.authority;

import dev.sallyport.authority.CertificateTemplate.Names;
import dev.sallyport.authority.CertificateTemplate.Validity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.Period;
import java.time.ZoneOffset;
import java.util.List;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;

/**
 * Signs client certificates of people (CN = name, O = role). Its root is trusted by the API alone, never by a workload, and the reverse.
 *
 * <p>Such a certificate carries no URI name and serves clients only, so that even a workload that trusted this root by
 * mistake would not take a person for a service. Blocking; any thread.
 */
public final class PeopleAuthority {
    private static final String ROOT = "people.pem";
    private static final Period ROOT_LIFE = Period.ofYears(10);
    private static final Duration BACK_DATED = Duration.ofHours(1);

    /** Upper bounds of commonName and organizationName, RFC 5280 appendix A.1. */
    private static final int MAX_NAME = 64;

    private final Signer root;
    private final Clock clock;

    private PeopleAuthority(Signer root, Clock clock) {
        this.root = root;
        this.clock = clock;
    }

    /** Opens {@code directory}, or makes it and the root on first start. */
    public static PeopleAuthority open(Path directory, KeyEncryption encryption, Clock clock) throws IOException {
        PrivateFiles.createFolder(directory);
        Path file = directory.resolve(ROOT);
        if (Files.notExists(file)) {
            newRoot(clock.instant()).store(file, encryption);
        }
        return new PeopleAuthority(Signer.load(file, encryption), clock);
    }

    /** A client certificate for the key of the request; {@code life} is cut to the root's end. The chain is the leaf alone. */
    public IssuedCertificate issue(byte[] csrDer, String person, String role, Duration life)
            throws IssuanceRefusedException {
        X500Name subject = subject(person, role);
        SigningRequest request = SigningRequest.parse(csrDer);
        Instant now = clock.instant();
        Validity validity = Issuance.validity(now, life, root.validity());
        try {
            var leaf = CertificateTemplate.person(new Names(root.name(), subject), validity, request.publicKey());
            return new IssuedCertificate(List.of(root.sign(leaf, request.publicKey())));
        } catch (IOException e) {
            throw new IssuanceRefusedException("person's certificate: " + e.getMessage());
        }
    }

    /** What a server must trust, alone, to let people in. */
    public X509Certificate root() {
        return root.certificate();
    }

    /** Encoded here: given as text, a name such as {@code #0C05616C696365} would be read as the encoding of another, "alice". */
    private static X500Name subject(String person, String role) throws IssuanceRefusedException {
        checkName("person", person);
        checkName("role", role);
        return new X500NameBuilder(BCStyle.INSTANCE)
                .addRDN(BCStyle.O, new DERUTF8String(role))
                .addRDN(BCStyle.CN, new DERUTF8String(person))
                .build();
    }

    private static void checkName(String what, String name) throws IssuanceRefusedException {
        boolean printable = name.codePoints().allMatch(PeopleAuthority::printable);
        if (name.isBlank() || name.length() > MAX_NAME || !printable || !name.equals(name.strip())) {
            throw new IssuanceRefusedException(what + ": " + name.length() + " characters (expected: 1.." + MAX_NAME
                    + " printable ones, no space around them)");
        }
    }

    /** No control characters, nothing unseen that would make two names look alike, no halves of characters. */
    private static boolean printable(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.PRIVATE_USE,
                    Character.SURROGATE,
                    Character.UNASSIGNED -> false;
            default -> true;
        };
    }

    private static Signer newRoot(Instant now) throws IOException {
        X500Name name = CertificateTemplate.authorityName("Sallyport people", "root");
        Instant end = now.atZone(ZoneOffset.UTC).plus(ROOT_LIFE).toInstant();
        Validity validity = new Validity(now.minus(BACK_DATED), end);
        return Signer.selfSigned(key -> CertificateTemplate.peopleAuthority(new Names(name, name), validity, key));
    }
}
