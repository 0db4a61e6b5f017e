package dev.sallyport.document;

/** What one text may cost: {@code chars} UTF-16 units, {@code nodes} scalars, lists and mappings, {@code depth} nested levels. */
public record Limits(int chars, int nodes, int depth) {
    /** A file that a person wrote: 10,000 routes with 20,000 rules fit, if their names are short. */
    public static final Limits FILE = new Limits(1 << 20, 250_000, 32);

    /** A set of documents that a program wrote and signed: 10,000 routes fit. */
    public static final Limits SNAPSHOT = new Limits(32 << 20, 2_000_000, 32);
}
