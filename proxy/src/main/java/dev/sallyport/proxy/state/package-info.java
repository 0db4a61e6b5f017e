/** The sidecar's state folder: who may read it, who holds it, and how its files are replaced. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.state;
