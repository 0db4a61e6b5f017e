/** Which authority signs, what peers trust, and how one authority follows another. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.server.ca;
