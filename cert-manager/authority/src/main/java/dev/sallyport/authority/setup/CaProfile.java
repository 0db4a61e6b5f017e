package dev.sallyport.authority.setup;

import dev.sallyport.identity.TrustDomain;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralSubtree;
import org.bouncycastle.asn1.x509.NameConstraints;

/** What a CA certificate of the mesh must look like, wherever its key is. */
final class CaProfile {
    private static final int URI = 6;
    private static final int KEY_CERT_SIGN = 5;
    private static final int CRL_SIGN = 6;
    private static final String NAME_CONSTRAINTS = "2.5.29.30";
    private static final int P256_BITS = 256;

    private final X509Certificate certificate;
    private final TrustDomain trustDomain;

    CaProfile(X509Certificate certificate, TrustDomain trustDomain) {
        this.certificate = certificate;
        this.trustDomain = trustDomain;
    }

    /** Whether it says that it is an authority of this trust domain and of no other. */
    boolean isOurs() {
        return certificate.getBasicConstraints() >= 0 && names().equals(List.of(trustDomain.uri()));
    }

    boolean isSelfIssued() {
        return Objects.equals(certificate.getSubjectX500Principal(), certificate.getIssuerX500Principal());
    }

    /** Whether it can sign for this trust domain alone, whoever has its key. */
    boolean isBound() {
        return Optional.ofNullable(certificate.getCriticalExtensionOIDs())
                        .orElse(Set.of())
                        .contains(NAME_CONSTRAINTS)
                && permitted().equals(List.of(trustDomain.name()));
    }

    boolean isValidAt(Instant now) {
        return !now.isBefore(certificate.getNotBefore().toInstant())
                && now.isBefore(certificate.getNotAfter().toInstant());
    }

    boolean isSignedBy(X509Certificate issuer) {
        try {
            certificate.verify(issuer.getPublicKey());
            return Objects.equals(certificate.getIssuerX500Principal(), issuer.getSubjectX500Principal());
        } catch (GeneralSecurityException e) {
            return false;
        }
    }

    /** One line for each property; what is wrong in a certificate stays so. {@code pathLength} is the least that will do. */
    List<SetupLine> lines(String where, int pathLength, Instant now) {
        List<SetupLine> lines = new ArrayList<>();
        lines.add(line(
                where,
                isValidAt(now),
                "certificate: " + certificate.getSubjectX500Principal() + ", ends "
                        + certificate.getNotAfter().toInstant(),
                "valid at " + now));
        lines.add(line(where, isOurs(), "uri_sans: " + names(), trustDomain.uri()));
        lines.add(line(
                where,
                certificate.getBasicConstraints() >= pathLength,
                "max_path_length: " + certificate.getBasicConstraints(),
                ">= " + pathLength));
        lines.add(line(
                where,
                signsOnly(),
                "key usage: " + usage().stream().map(CaProfile::word).toList(),
                "keyCertSign, and cRLSign at most"));
        lines.add(
                isBound()
                        ? SetupLine.holds(where, "name constraint: " + permitted())
                        : SetupLine.doubtful(
                                where,
                                "name constraint: " + (permitted().isEmpty() ? "none" : permitted()) + " (expected: "
                                        + trustDomain.name()
                                        + ", critical; whoever may sign with it may sign for other trust domains)"));
        lines.add(
                isP256()
                        ? SetupLine.holds(where, "key: EC P-256")
                        : SetupLine.doubtful(
                                where,
                                "key: " + certificate.getPublicKey().getAlgorithm()
                                        + " (expected: EC P-256; every handshake of the mesh verifies its signatures)"));
        return lines;
    }

    private static SetupLine line(String where, boolean holds, String what, String expected) {
        return holds ? SetupLine.holds(where, what) : SetupLine.foreign(where, what + " (expected: " + expected + ")");
    }

    private boolean isP256() {
        return certificate.getPublicKey() instanceof ECPublicKey key
                && key.getParams().getOrder().bitLength() == P256_BITS;
    }

    private boolean signsOnly() {
        List<Integer> bits = usage();
        return bits.contains(KEY_CERT_SIGN) && List.of(KEY_CERT_SIGN, CRL_SIGN).containsAll(bits);
    }

    /** Numbers of the bits, RFC 5280 section 4.2.1.3. */
    private List<Integer> usage() {
        boolean[] usage = Optional.ofNullable(certificate.getKeyUsage()).orElse(new boolean[0]);
        List<Integer> bits = new ArrayList<>();
        for (int bit = 0; bit < usage.length; bit++) {
            if (usage[bit]) {
                bits.add(bit);
            }
        }
        return bits;
    }

    private static String word(int bit) {
        return switch (bit) {
            case KEY_CERT_SIGN -> "keyCertSign";
            case CRL_SIGN -> "cRLSign";
            default -> "bit " + bit;
        };
    }

    /** Its names, URIs as they are, others with their kind. */
    private List<String> names() {
        try {
            Collection<List<?>> names = Optional.ofNullable(certificate.getSubjectAlternativeNames())
                    .orElse(List.of());
            return names.stream()
                    .map(name -> (Integer.valueOf(URI).equals(name.get(0)) ? "" : "other ") + name.get(1))
                    .toList();
        } catch (CertificateParsingException e) {
            return List.of("unreadable");
        }
    }

    /** Hosts of URIs under the constraint, and a word for whatever else it says: then it is not ours. */
    private List<String> permitted() {
        byte[] extension = certificate.getExtensionValue(NAME_CONSTRAINTS);
        if (extension == null) {
            return List.of();
        }
        try {
            NameConstraints constraints = NameConstraints.getInstance(
                    ASN1OctetString.getInstance(extension).getOctets());
            List<String> hosts = new ArrayList<>();
            for (GeneralSubtree subtree :
                    Optional.ofNullable(constraints.getPermittedSubtrees()).orElse(new GeneralSubtree[0])) {
                GeneralName base = subtree.getBase();
                hosts.add((base.getTagNo() == GeneralName.uniformResourceIdentifier ? "" : "other ") + base.getName());
            }
            return hosts;
        } catch (IllegalArgumentException e) {
            return List.of("unreadable");
        }
    }
}
