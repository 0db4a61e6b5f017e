/** Requests of the local application to other services. Start reading at {@link dev.sallyport.proxy.outbound.Outbound}. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.outbound;
