/**
 * HOW WE READ: strict YAML and JSON with {@code file:line:column}, every problem at once; for policies and for every
 * process's configuration. One way from {@link dev.sallyport.document.Source} over {@link dev.sallyport.document.Node}
 * to {@link dev.sallyport.document.Fields}. Nothing here opens a socket or resolves a name.
 */
@org.jspecify.annotations.NullMarked
package dev.sallyport.document;
