/** {@code run}: a command beside its sidecar, as one process to whoever started it. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.run;
