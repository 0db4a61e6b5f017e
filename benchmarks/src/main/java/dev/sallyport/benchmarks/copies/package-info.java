/** Copies of the record into sinks that take everything at once: what a record costs whoever sends it. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.benchmarks.copies;
