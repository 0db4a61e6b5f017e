/** Requests from other sidecars to the local application. Start reading at {@link dev.sallyport.proxy.inbound.Inbound}. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.inbound;
