/** An experiment on one event loop: long work on it, or on a thread of its own, beside a stream of short work. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.benchmarks.loop;
