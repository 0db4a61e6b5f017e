/** JMH benchmarks of the request path; a result is worth what the command that repeats it is: {@code java -cp … org.openjdk.jmh.Main Decide}. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.benchmarks;
