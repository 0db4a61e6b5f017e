/** Load on an HTTP/1.1 address, and the backend that answers it: one event loop each, nothing allocated by us per request. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.benchmarks.load;
