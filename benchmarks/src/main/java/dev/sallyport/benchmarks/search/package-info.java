/** The search index of the collected log: made-up records, and questions about them. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.benchmarks.search;
