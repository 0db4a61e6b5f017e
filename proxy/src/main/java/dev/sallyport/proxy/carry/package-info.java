/** Users on their way through this service: what an inbound request proved goes with the outbound requests that it causes, and with no other. Start reading at {@link dev.sallyport.proxy.carry.Journeys}. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.carry;
