/** What is measured: a backend alone, and behind pairs of proxies that do the same work with the same certificates. Processes of their own, each stopped by its pid. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.benchmarks.pair;
