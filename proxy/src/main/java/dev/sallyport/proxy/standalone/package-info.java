/** Life without a control plane: certificate, trust bundle and snapshot are files that somebody else replaces. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.standalone;
