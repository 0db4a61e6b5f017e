/** How the sidecar comes by its X.509-SVID and keeps it fresh: joining, storing, renewing. The private key is made here and never leaves. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.svid;
