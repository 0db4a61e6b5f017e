/** A real OpenBao server (which speaks Vault's API) for the demo, tests and benchmarks: obtained, started, sealed, frozen and stopped by us, on loopback only. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.demo.bao;
