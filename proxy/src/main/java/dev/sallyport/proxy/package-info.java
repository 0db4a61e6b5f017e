/** The sidecar's process: configuration, the main class that wires the parts, its one place for TLS contexts, and the data path as a whole. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy;
