package dev.sallyport.authority.setup;

import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import java.security.PublicKey;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** What a leaf says about the role that it was signed under: each property that shows, and what it must be. */
final class LeafJudgement {
    private static final int DIGITAL_SIGNATURE = 0;
    private static final String BASIC_CONSTRAINTS = "2.5.29.19";
    private static final String ALTERNATIVE_NAMES = "2.5.29.17";
    private static final String POLICIES = "2.5.29.32";
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";

    /** X.509 counts whole seconds, and so does Vault, at two moments. */
    private static final Duration ROUNDING = Duration.ofSeconds(3);

    /** Clocks further apart than this make trouble elsewhere before long. */
    private static final Duration SKEW_MAX = Duration.ofMinutes(1);

    private final X509Certificate leaf;
    private final String role;
    private final List<SetupLine> lines;

    LeafJudgement(X509Certificate leaf, String role, List<SetupLine> lines) {
        this.leaf = leaf;
        this.role = role;
        this.lines = lines;
    }

    private void wrong(String what) {
        lines.add(SetupLine.wrong(role, what + VaultProbe.FIX));
    }

    /** Its key, its one name, and that it may be nothing but one end of a connection. */
    void holds(PublicKey key, String identity) {
        List<String> names = names(leaf);
        String subject = String.valueOf(leaf.getSubjectX500Principal());
        if (names.isEmpty()) {
            wrong(LeafProbe.USE_CSR_SANS);
        } else if (!names.equals(List.of(identity))) {
            wrong("names of the certificate: " + names + " (expected: [" + identity + "])");
        } else if (subject.isEmpty() && !critical(ALTERNATIVE_NAMES)) {
            wrong("the identity is not critical though the subject is empty (expected: RFC 5280 section 4.2.1.6)");
        }
        if (!subject.isEmpty()) {
            wrong("organization or another part of the subject is " + subject + " (expected: none)");
        }
        if (!leaf.getPublicKey().equals(key)) {
            wrong("key of the certificate: another than that of the request (expected: the same)");
        }
        usage();
        if (leaf.getExtensionValue(POLICIES) != null) {
            wrong("policy_identifiers are set (expected: [])");
        }
    }

    private void usage() {
        if (leaf.getBasicConstraints() >= 0) {
            wrong("the certificate is an authority (expected: CA:FALSE)");
        } else if (leaf.getExtensionValue(BASIC_CONSTRAINTS) == null) {
            wrong("basic_constraints_valid_for_non_ca is false (expected: true)");
        }
        boolean[] usage = Optional.ofNullable(leaf.getKeyUsage()).orElse(new boolean[1]);
        for (int bit = 0; bit < usage.length; bit++) {
            if (usage[bit] != (bit == DIGITAL_SIGNATURE)) {
                wrong("key_usage is another, bit " + bit + " of it (expected: [DigitalSignature])");
                break;
            }
        }
        Set<String> purposes = new TreeSet<>(purposes());
        if (!purposes.remove(SERVER_AUTH)) {
            wrong("server_flag is false (expected: true)");
        }
        if (!purposes.remove(CLIENT_AUTH)) {
            wrong("client_flag is false (expected: true)");
        }
        if (!purposes.isEmpty()) {
            wrong("code_signing_flag, email_protection_flag or ext_key_usage adds " + purposes
                    + " (expected: nothing)");
        }
    }

    /** As long as asked for, begun two minutes ago. Between its two dates no clock but Vault's counts. */
    void lives(Duration life, List<String> warnings, Instant now, X509Certificate issuer) {
        Instant begin = leaf.getNotBefore().toInstant();
        Instant end = leaf.getNotAfter().toInstant();
        Duration age = Duration.between(begin, now);
        Duration span = Duration.between(begin, end);
        Duration off = span.minus(life).minus(CertificateAuthority.BACK_DATED);
        boolean asAsked = off.abs().compareTo(ROUNDING) <= 0;
        if (asAsked && age.minus(CertificateAuthority.BACK_DATED).abs().compareTo(SKEW_MAX) > 0) {
            lines.add(SetupLine.doubtful(
                    role,
                    "clocks: it is " + now + " here, and " + begin.plus(CertificateAuthority.BACK_DATED)
                            + " at Vault (expected: the same; is one wrong?)"));
        } else if (end.equals(issuer.getNotAfter().toInstant())) {
            lines.add(SetupLine.doubtful(
                    role,
                    "the leaf ends with its issuer, " + end
                            + " (expected: an issuer that outlives it; make the next)"));
        } else if (!asAsked) {
            Duration cut = life.minus(Duration.between(now, end));
            if (cut.compareTo(SKEW_MAX) > 0 || warnings.stream().anyMatch(warning -> warning.contains("TTL"))) {
                wrong("max_ttl is too short, " + life + " became " + rounded(life.minus(cut))
                        + " (expected: 168h; or the mount's max_lease_ttl)");
            }
            if (age.minus(CertificateAuthority.BACK_DATED).abs().compareTo(SKEW_MAX) > 0) {
                wrong("not_before_duration is about " + age.toSeconds() + " s (expected: "
                        + CertificateAuthority.BACK_DATED.toSeconds() + " s)");
            }
        }
    }

    /** To minutes: what lies between the question and the answer is nobody's setting. */
    static Duration rounded(Duration span) {
        return span.plusSeconds(30).truncatedTo(ChronoUnit.MINUTES);
    }

    /** As a peer would verify it, up to the root that the issuer's own chain ends in. */
    void chains(List<String> answered, PublishedIssuer issuer, TrustDomain trustDomain, Clock clock) {
        if (!new CaProfile(leaf, trustDomain).isSignedBy(issuer.certificate())) {
            wrong("signed by " + leaf.getIssuerX500Principal() + " (expected: the issuer of the settings, "
                    + issuer.certificate().getSubjectX500Principal() + ")");
            return;
        }
        try {
            List<X509Certificate> chain = new ArrayList<>(List.of(leaf));
            for (String pem : answered) {
                chain.addAll(Pem.certificates(pem));
            }
            var trust = new SvidPublisher(clock);
            trust.publishBundles(
                    List.of(new TrustBundle(trustDomain, List.of(issuer.chain().getLast()))));
            new SvidVerifier(trust.source(), clock).verify(chain);
        } catch (SvidRejectedException e) {
            wrong("chain: " + e.getMessage());
        }
    }

    /** Everything of a certificate that could hold what was asked for. */
    static String text(X509Certificate certificate) {
        return names(certificate) + " " + certificate.getSubjectX500Principal() + " "
                + certificate.getPublicKey().getAlgorithm();
    }

    private boolean critical(String extension) {
        return Optional.ofNullable(leaf.getCriticalExtensionOIDs())
                .orElse(Set.of())
                .contains(extension);
    }

    private static List<String> names(X509Certificate certificate) {
        try {
            Collection<List<?>> names = Optional.ofNullable(certificate.getSubjectAlternativeNames())
                    .orElse(List.of());
            return names.stream().map(name -> String.valueOf(name.get(1))).toList();
        } catch (CertificateParsingException e) {
            return List.of("unreadable");
        }
    }

    private List<String> purposes() {
        try {
            return Optional.ofNullable(leaf.getExtendedKeyUsage()).orElse(List.of());
        } catch (CertificateParsingException e) {
            return List.of("unreadable");
        }
    }
}
