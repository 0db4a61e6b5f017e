/** HOW RULES ARE MADE: lint. For the server and the command line, never for a sidecar. Every error is the loader's; a warning names what is allowed and doubtful. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.authoring;
