package dev.sallyport.identity;

import org.jspecify.annotations.Nullable;

/**
 * A SPIFFE trust domain name: 1..255 of {@code [a-z0-9.-_]}. SPIFFE-ID section 2.1.
 *
 * <p>An underscore is allowed by the standard, but path validation with URI name constraints fails on it: a domain of
 * our own must do without.
 */
public record TrustDomain(String name) implements Comparable<TrustDomain> {
    private static final int MAX_LENGTH = 255;

    /** @throws IllegalArgumentException for a name that {@link #parse} would refuse */
    public TrustDomain {
        if (!valid(name)) {
            throw new IllegalArgumentException(problem(name));
        }
    }

    /** The bare name, without {@code spiffe://}. Upper case is refused, not folded. */
    public static TrustDomain parse(String text) throws InvalidSpiffeIdException {
        if (!valid(text)) {
            throw new InvalidSpiffeIdException(problem(text));
        }
        return new TrustDomain(text);
    }

    /** The identity in this trust domain with the given path ({@code /ns/shop/sa/orders}). */
    public SpiffeId id(String path) throws InvalidSpiffeIdException {
        return SpiffeId.of(this, path);
    }

    /** The ID of the trust domain itself, {@code spiffe://trust-domain} without a path: of its authorities, never of a workload. */
    public String uri() {
        return SpiffeId.SCHEME + name;
    }

    // Written out for the same reason as in SpiffeId.
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TrustDomain(String text) && name.equals(text);
    }

    @Override
    public int hashCode() {
        return name.hashCode();
    }

    @Override
    public int compareTo(TrustDomain other) {
        return name.compareTo(other.name);
    }

    @Override
    public String toString() {
        return name;
    }

    private static boolean valid(String name) {
        return !name.isEmpty() && name.length() <= MAX_LENGTH && name.chars().allMatch(TrustDomain::allowed);
    }

    private static boolean allowed(int c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    }

    private static String problem(String name) {
        return "trust domain: " + Shown.of(name) + " (expected: 1..255 of a-z, 0-9, '.', '-', '_')";
    }
}
