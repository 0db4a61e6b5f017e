/** Drills: an outage that is only played, and the record of every drill that was run. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.server.drill;
