/**
 * The tiled log: an append-only Merkle tree of records as C2SP tlog-tiles, its checkpoints as signed notes, proofs, and the witness. Only the JDK is needed, so that whoever verifies
 * a log needs nothing that wrote it.
 *
 * <p>{@code checkpoint} names a size and a root; {@code tile/L/N} holds the hashes, {@code tile/entries/N} the entries, 256 a file. An entry is the exact bytes of a leaf, never
 * re-serialised; its leaf is SHA-256(0x00 ‖ entry), a node SHA-256(0x01 ‖ left ‖ right) (RFC 6962 section 2.1).
 *
 * <p>The tree proves that nothing under a root was altered, removed, inserted or reordered. It does not prove that there is no second tree: who holds the log's key can sign another
 * one, until somebody else cosigns ({@link dev.sallyport.audit.tlog.Witness}) or keeps an older checkpoint.
 */
@org.jspecify.annotations.NullMarked
package dev.sallyport.audit.tlog;
