/** One sidecar that calls itself, so that a virtual machine which watches it sees what sidecars do: the launcher makes an AOT cache of that. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.train;
