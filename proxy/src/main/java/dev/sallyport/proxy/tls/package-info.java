/** Who is at the other end of a connection, proven or refused. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.tls;
