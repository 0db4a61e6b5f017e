/** Who is told of each request in an operator's words: the access log, and whoever taps decisions as they are made. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.access;
