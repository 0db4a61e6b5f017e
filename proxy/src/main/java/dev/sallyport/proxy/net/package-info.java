/** Sockets and threads: which transport, how many loops, and the small HTTP servers on loopback. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.net;
