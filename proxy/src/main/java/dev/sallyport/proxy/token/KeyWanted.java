package dev.sallyport.proxy.token;

/** Hears that a token of a declared issuer named a key that the snapshot does not have: the issuer may have a new one. The token itself is refused meanwhile. */
@FunctionalInterface
public interface KeyWanted {
    /** {@code issuerName}: as the Mesh names it. Any thread; returns at once and never blocks. */
    void wanted(String issuerName);
}
