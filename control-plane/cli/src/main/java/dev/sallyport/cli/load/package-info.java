/** Requests at a steady pace beside whatever else happens, and what became of them. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.load;
