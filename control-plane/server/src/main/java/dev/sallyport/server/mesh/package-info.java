/** The mesh as it stands: documents, leases, signing keys, composed into one immutable state. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.server.mesh;
