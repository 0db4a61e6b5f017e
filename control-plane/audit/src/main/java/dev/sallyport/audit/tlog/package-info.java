/**
 * The tiled log: an append-only Merkle tree of records as C2SP tlog-tiles, its checkpoints as signed notes, proofs, and the witness. Only the JDK is needed, so that whoever verifies
 * a log needs nothing that wrote it.
 *
 * <p>{@code checkpoint} names a size and a root; {@code tile/L/N} holds the hashes, {@code tile/entries/N} the entries, 256 a file. An entry is the exact bytes of a leaf, never
 * re-serialised; its leaf is SHA-256(0x00 ‖ entry), a node SHA-256(0x01 ‖ left ‖ right) (RFC 6962 section 2.1).
 *
 * <p>Whoever can write the files but has no key cannot change, remove, add, swap or repeat anything unseen. Whoever has the log's keys as well cannot change, reorder or repeat a sidecar's
 * records, because their seals are signed by the workloads, nor go on with one workload's stream by the key of another, and leaves a gap when taking a batch out of the middle. Only a
 * witness, or somebody who kept an older checkpoint, notices that the log was cut off at a seal and signed again, that an older copy was put back, that the last batches of a stream or a
 * whole stream were left out, that a stream was replaced, from the first record of it that is there, by one of its name that another workload sealed, that batches of different streams
 * changed places, and that there are two logs: {@link dev.sallyport.audit.tlog.Witness}. Whoever has the authority's key too can issue certificates and seal anything anew, which again
 * only they notice.
 */
@org.jspecify.annotations.NullMarked
package dev.sallyport.audit.tlog;
