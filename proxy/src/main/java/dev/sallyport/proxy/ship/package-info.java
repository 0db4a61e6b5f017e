/** Brings the records of this sidecar's log to the collector, and says how far it came. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.ship;
