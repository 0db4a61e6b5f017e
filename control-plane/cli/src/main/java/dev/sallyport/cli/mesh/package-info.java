/** The mesh as its control plane sees it: status, certificates, join tokens. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.mesh;
