package dev.sallyport.identity;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A workload's SPIFFE ID; {@code path} starts with a slash and is never empty. At most 2048 bytes. SPIFFE-ID section 2.
 *
 * <p>There is one spelling per identity: what the standard would let a reader normalise (upper case, an empty port, a
 * trailing slash, percent-encoding) is refused, so that identities compare as text everywhere.
 */
public record SpiffeId(TrustDomain trustDomain, String path) implements Comparable<SpiffeId> {
    /** The path of the control plane's own identity in every trust domain; nothing under {@code /sallyport/} is issued by attestation. */
    public static final String CONTROL_PLANE_PATH = "/sallyport/control-plane";

    static final String SCHEME = "spiffe://";
    private static final int MAX_LENGTH = 2048;

    /** @throws IllegalArgumentException for a path that {@link #parse} would refuse */
    public SpiffeId {
        Optional<String> problem = problem(trustDomain, path);
        if (problem.isPresent()) {
            throw new IllegalArgumentException(problem.get());
        }
    }

    /** The URI of a workload; that of a bare trust domain is refused. */
    public static SpiffeId parse(String uri) throws InvalidSpiffeIdException {
        if (uri.length() > MAX_LENGTH) {
            throw new InvalidSpiffeIdException(
                    "SPIFFE ID: " + uri.length() + " characters (expected: <= " + MAX_LENGTH + ")");
        }
        if (!uri.startsWith(SCHEME)) {
            throw new InvalidSpiffeIdException(
                    "SPIFFE ID: " + Shown.of(uri) + " (expected: lower-case scheme spiffe://)");
        }
        int slash = uri.indexOf('/', SCHEME.length());
        int end = slash < 0 ? uri.length() : slash;
        TrustDomain trustDomain = TrustDomain.parse(uri.substring(SCHEME.length(), end));
        return of(trustDomain, uri.substring(end));
    }

    static SpiffeId of(TrustDomain trustDomain, String path) throws InvalidSpiffeIdException {
        Optional<String> problem = problem(trustDomain, path);
        if (problem.isPresent()) {
            throw new InvalidSpiffeIdException(problem.get());
        }
        return new SpiffeId(trustDomain, path);
    }

    /** The control plane of this trust domain; compared exactly, never by its trust domain alone. */
    public static SpiffeId controlPlane(TrustDomain trustDomain) {
        return new SpiffeId(trustDomain, CONTROL_PLANE_PATH);
    }

    /** Whether the path lies under {@code /sallyport/}, which is the product's own. */
    public boolean reserved() {
        return path.startsWith("/sallyport/") || path.equals("/sallyport");
    }

    // Written out, as what the compiler gives a record spins classes at its first call: a dozen here, in every start.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof SpiffeId(TrustDomain domain, String end)
                && path.equals(end)
                && trustDomain.equals(domain);
    }

    @Override
    public int hashCode() {
        return 31 * trustDomain.hashCode() + path.hashCode();
    }

    @Override
    public int compareTo(SpiffeId other) {
        return toString().compareTo(other.toString());
    }

    /** The URI, {@code spiffe://trust-domain/path}. */
    @Override
    public String toString() {
        return trustDomain.uri() + path;
    }

    private static Optional<String> problem(TrustDomain trustDomain, String path) {
        if (path.isEmpty()) {
            return Optional.of(
                    "SPIFFE ID: " + Shown.of(trustDomain.uri()) + " (expected: a path, which names the workload)");
        }
        if (trustDomain.uri().length() + path.length() > MAX_LENGTH) {
            return Optional.of("SPIFFE ID path: " + path.length() + " characters (expected: <= " + MAX_LENGTH
                    + " for the whole ID)");
        }
        return validPath(path)
                ? Optional.empty()
                : Optional.of(
                        "SPIFFE ID path: " + Shown.of(path)
                                + " (expected: segments of A-Z, a-z, 0-9, '.', '-', '_', each after one '/', none empty, '.' or '..')");
    }

    private static boolean validPath(String path) {
        if (path.charAt(0) != '/') {
            return false;
        }
        for (String segment : path.substring(1).split("/", -1)) {
            boolean dots = segment.equals(".") || segment.equals("..");
            if (segment.isEmpty() || dots || !segment.chars().allMatch(SpiffeId::allowed)) {
                return false;
            }
        }
        return true;
    }

    private static boolean allowed(int c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '-'
                || c == '_';
    }
}
