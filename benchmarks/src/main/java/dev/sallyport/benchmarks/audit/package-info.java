/** The audit log under load: how many durable records a second beside what the disk alone can do, how fast a log is verified, and whether a killed process loses one that it vouched for. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.benchmarks.audit;
