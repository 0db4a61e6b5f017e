/** Diagnostics: JSON lines on standard error, written by a thread of their own. No logging framework. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.log;
