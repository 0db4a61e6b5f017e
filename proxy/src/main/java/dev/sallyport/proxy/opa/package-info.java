/** Asking Open Policy Agents what a rule's {@code opa:} leaves to them. Start reading at {@link dev.sallyport.proxy.opa.OpaClient}. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.opa;
