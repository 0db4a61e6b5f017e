/**
 * FINDING RECORDS: the search index over the collected log. A file of its own, never the truth: it is made from the log, and made anew from it whenever it is damaged or of an older form.
 *
 * <p>Entries are cut into blocks of 65,536 by their index in the log. Of a full block an inverted index is written once, in order, and never changed: for each value that occurs in it,
 * the entries that have it. A search goes through the blocks from the newest to the oldest and in each intersects the sets of its filters, so that a combination that matches nothing
 * costs no more than one that matches much. The last, open block is in memory.
 *
 * <p>Values are looked for by a 32-bit hash of them and compared in the row that is found: a million distinct values of a field cost as much as a million of anything else, and need no
 * dictionary. Rows name what occurs often by number; once a field has had 16,384 distinct values, further ones stand in the row itself.
 */
@org.jspecify.annotations.NullMarked
package dev.sallyport.server.records;
