/** A mesh for tests: the real embedded authority, real signatures, and a control plane that speaks the protocol over real TLS. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.testing;
