/** Logs: one JSON object a line on standard error. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.server.log;
