/** Sidecars by the thousand that renew their certificates, simulated: who asks when, by the control plane's own planning. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.benchmarks.fleet;
