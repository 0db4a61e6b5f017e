/** Connections towards a server: choice of endpoint, pools of one event loop, the expected SPIFFE ID before the first byte. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.upstream;
