/** A Vault of our own, set up as an operator does it, and two ways to have it sign: bare requests, and the authority of the control plane. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.benchmarks.vault;
