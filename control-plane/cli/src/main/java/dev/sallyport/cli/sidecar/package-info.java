/** {@code proxy config|stats|certs|log-level|drain} and {@code tap}: what a running sidecar says of itself, by its admin port on this machine. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.sidecar;
