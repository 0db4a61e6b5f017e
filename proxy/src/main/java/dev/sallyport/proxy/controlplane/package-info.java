/** The way to the control plane: one mTLS HTTP/2 connection, one stream down it, short requests up. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.controlplane;
