package dev.sallyport.identity;

import dev.sallyport.identity.SvidRejectedException.Reason;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The root certificates of one trust domain; never empty. SPIFFE Trust Domain and Bundle section 4. */
public record TrustBundle(TrustDomain trustDomain, List<X509Certificate> authorities) {
    /** Old, current and next root, twice over; verification tries each root of a matching name. */
    private static final int MAX_AUTHORITIES = 16;

    /** @throws IllegalArgumentException for no authority, too many, or one that is not a self-issued CA certificate */
    public TrustBundle {
        authorities = List.copyOf(authorities);
        Optional<String> problem = problem(trustDomain, authorities);
        if (problem.isPresent()) {
            throw new IllegalArgumentException(problem.get());
        }
    }

    /** Certificates in PEM; refused as a whole if one of them is no root. */
    public static TrustBundle ofPem(TrustDomain trustDomain, String pem) throws SvidRejectedException {
        List<X509Certificate> authorities = Pem.certificates(pem);
        Optional<String> problem = problem(trustDomain, authorities);
        if (problem.isPresent()) {
            throw new SvidRejectedException(Reason.UNTRUSTED, problem.get());
        }
        return new TrustBundle(trustDomain, authorities);
    }

    /** The certificates in PEM, in their order; {@link #ofPem} reads it back. */
    public String toPem() {
        return Pem.encode(authorities);
    }

    /** Lower-case hex SHA-256 that tells sets of roots apart, whatever their order. */
    public String digest() {
        String fingerprints =
                authorities.stream().map(X509Svid::fingerprintOf).sorted().collect(Collectors.joining());
        try {
            byte[] text = fingerprints.getBytes(StandardCharsets.US_ASCII);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static Optional<String> problem(TrustDomain trustDomain, List<X509Certificate> authorities) {
        String what = "trust bundle of " + trustDomain + ": ";
        if (authorities.isEmpty() || authorities.size() > MAX_AUTHORITIES) {
            return Optional.of(what + authorities.size() + " authorities (expected: 1.." + MAX_AUTHORITIES + ")");
        }
        return authorities.stream()
                .filter(authority -> !root(authority))
                .findFirst()
                .map(authority ->
                        what + Shown.of(authority.getSubjectX500Principal().getName())
                                + " (expected: a self-issued CA certificate)");
    }

    private static boolean root(X509Certificate certificate) {
        return certificate.getBasicConstraints() >= 0
                && certificate.getSubjectX500Principal().equals(certificate.getIssuerX500Principal());
    }
}
