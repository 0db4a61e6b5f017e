/** What the Linux kernel says of processes and of the machine: CPU time, memory, other people's load. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.benchmarks.kernel;
