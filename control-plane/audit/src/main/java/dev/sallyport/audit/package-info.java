/**
 * WHAT HAPPENED: the record, the hash-chained write-ahead log, the verifier, the reader.
 *
 * <p>{@code <folder>/NNNNNNNN.audit.jsonl}: one JSON object a line, in ASCII. A record waits in a bounded ring for the log's one thread, which encodes it, gives it a number and
 * chains it (its event loop encodes it only where it goes on with it, or where it is large): the last members of a line are {@code audit.sequence.number}, {@code audit.sequence.previous_hash} and {@code audit.sequence.hash}, the SHA-256 over the
 * previous hash (32 bytes, zeros before the first record) and the line's bytes before {@code ,"audit.sequence.hash"}. Each file begins with a header record that continues the chain
 * of the file before, and the log's own records say what it lost ({@code gap}), found torn ({@code recovered}), could not force ({@code fault}), and that it ended ({@code end}).
 *
 * <p>The chain proves that nothing inside it was altered, removed, inserted or reordered. It does not prove that its end is there: who can write the folder can cut whole records off
 * the tail, or compute all of it anew, until heads are witnessed elsewhere.
 */
@org.jspecify.annotations.NullMarked
package dev.sallyport.audit;
