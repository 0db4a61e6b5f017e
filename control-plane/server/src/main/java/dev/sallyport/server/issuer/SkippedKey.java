package dev.sallyport.server.issuer;

/** A published key that does not count. {@code key}: its id, else its place; {@code compromised}: the private half was published, so that everyone can sign with it. */
public record SkippedKey(String key, String reason, boolean compromised) {}
