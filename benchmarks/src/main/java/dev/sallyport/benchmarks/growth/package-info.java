/** How a cost grows with what it depends on, and whether that is as slowly as it must be. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.benchmarks.growth;
