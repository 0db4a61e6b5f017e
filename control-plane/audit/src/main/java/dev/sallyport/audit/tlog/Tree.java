package dev.sallyport.audit.tlog;

/** A tree by its number of entries and its root. */
public record Tree(long size, Hash root) {
    /** Without entries. */
    public static final Tree EMPTY = new Tree(0, TreeHasher.empty());
}
