package dev.sallyport.policy;

/**
 * How the application of a service reads paths ({@code paths} in the Mesh, owned by security), which tells guardrails how loosely to read them. What is not declared is read the loosest
 * way, as {@code case: insensitive} and {@code trailingSlash: ignored}. Allow rules always read strictly.
 */
public record Paths(boolean caseSensitive, boolean trailingSlashSignificant) {
    public static final Paths LOOSEST = new Paths(false, false);
}
