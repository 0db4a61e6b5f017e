/** How often: limits of routes, counted by one sidecar for all its event loops. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.limit;
