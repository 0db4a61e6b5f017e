/**
 * WHAT HAPPENED: the record, the hash-chained write-ahead log, the verifier, the reader.
 *
 * <p>{@code <folder>/NNNNNNNN.audit.jsonl}: one JSON object a line, in ASCII. A record waits in a bounded ring for the log's one thread, which encodes it, gives it a number and
 * chains it (its event loop encodes it only where it goes on with it, or where it is large): the last members of a line are {@code audit.sequence.number}, {@code audit.sequence.previous_hash} and {@code audit.sequence.hash}, the SHA-256 over the
 * previous hash (32 bytes, zeros before the first record) and the line's bytes before {@code ,"audit.sequence.hash"}. Each file begins with a header record that continues the chain
 * of the file before, and the log's own records say what it lost ({@code gap}), found after a crash ({@code recovered}), met on its disk ({@code fault}), that it lives ({@code
 * heartbeat}), and that it ended ({@code end}).
 *
 * <p>A file is a segment: 64 MiB of zeros that the disk has before the first record is in them, so that a force has nothing to bring to it but records; a second thread makes the next
 * one meanwhile ({@code .next}). A segment that ends is cut to its lines; only the live one ends in zeros, and readers stop at the first. All that wait are forced together. A line needs no checksum of its own: its
 * hash is one, and costs 0.8 µs of the 3 µs that verifying a line of 1.3 KB takes. A last stretch that breaks off in zeros was torn by a crash; a line that is wrong without them was changed.
 *
 * <p>Numbers rise whatever the clock does, and are used only up to a limit that is on disk ({@code .highwater}); after a crash the next header skips to beyond it, and says by how
 * many, so that no number is ever used twice and at most so many records are lost. Whoever waits for a disk longer than 250 ms hears that it failed, and so does whoever comes later, until it answers. After each force the
 * file is looked for under its name: one that was deleted, moved or truncated is as bad as an error of the disk. A folder that was taken away takes its stream along; another stream
 * begins, and names it. What strangers cause has a quota of the ring and of the folder. A collector's receipts ({@code .received}) free whole segments, and nothing else does: a log
 * that has all the bytes it may have is a full disk.
 *
 * <p>The chain proves that nothing inside it was altered, removed, inserted or reordered. It does not prove that its end is there: who can write the folder can cut whole records off
 * the tail, or compute all of it anew, until heads are witnessed elsewhere. That its beginning was received by a collector is the folder's own word, too; the collector has it.
 */
@org.jspecify.annotations.NullMarked
package dev.sallyport.audit;
