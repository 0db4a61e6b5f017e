/** What a sidecar without a control plane needs: a key that signs, and snapshots built from documents. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.standalone;
