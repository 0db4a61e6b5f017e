package dev.sallyport.proxy.token;

/** Hears of a token of a known issuer by a key that is not among its keys: perhaps there is a new one. */
@FunctionalInterface
public interface KeyWanted {
    /** {@code issuerName} as in the Mesh. Any thread; cheap, bounded, never blocks. */
    void wanted(String issuerName);
}
