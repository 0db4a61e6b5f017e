/** What the sidecar knows of its mesh, compiled once and swapped whole. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.snapshot;
