package dev.sallyport.audit.tlog;

import java.util.OptionalLong;

/** Reads what this package does not: leaves that are JSON, and the signatures of workloads in them. Asked in the order of the log, from one thread. */
public interface LeafReader {
    /**
     * What a seal covers: records {@code first} to {@code last} of {@code stream}, between the hash of the record before them and that of the last one, 64 hexadecimal digits each.
     * {@code identity}: the SPIFFE ID that signed it.
     */
    record Sealed(String identity, String stream, long first, long last, String previousHash, String head) {}

    /** The leaf {@code index}, a {@code sallyport.audit.seal}, whose signature has been verified, or will be by {@link #end}. BadLeafException: it does not hold. */
    Sealed seal(long index, byte[] leaf) throws BadLeafException;

    /** Any other leaf of the log's own. When it is the receipt of a pruning: the index below which entries are gone. BadLeafException: it does not hold. */
    OptionalLong other(byte[] leaf) throws BadLeafException;

    /** There are no more. BadLeafException: what had to wait for a later leaf does not hold. */
    default void end() throws BadLeafException {}
}
