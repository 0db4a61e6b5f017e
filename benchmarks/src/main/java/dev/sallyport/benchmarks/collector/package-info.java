/** Sidecars that deliver what they recorded to a collector on a real store and disk: what a record costs until it is answered and in the log. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.benchmarks.collector;
