/** One deadline for every connection: drained before it, closed at it. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.governor;
