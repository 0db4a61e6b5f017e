/** Copies of the record for tools that are not ours: each follows the log on a thread of its own, with a cursor of its own; what a copy cannot do harms neither the log nor another copy. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.server.copies;
