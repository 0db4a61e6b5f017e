/** Documents from addresses that others choose, fetched so that nobody can make the control plane reach where it should not. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.server.fetch;
