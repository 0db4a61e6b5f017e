/** How a sidecar ends: who asks for it, and in which order what is under way comes to rest. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.drain;
