/** {@code sallyport bench}: its commands, how they measure, and what they print. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.benchmarks.command;
