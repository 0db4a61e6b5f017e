/** Packets that get lost, in a network namespace of the bench's own. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.benchmarks.loss;
