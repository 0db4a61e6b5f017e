/** What the sidecar can be asked about: counters and open connections. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.telemetry;
