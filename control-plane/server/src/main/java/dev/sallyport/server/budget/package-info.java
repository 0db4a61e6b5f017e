/** How long the mesh outlives whoever signs its certificates: what the settings promise, and what is so at this moment. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.server.budget;
