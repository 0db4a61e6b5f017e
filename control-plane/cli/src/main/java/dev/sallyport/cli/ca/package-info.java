/** The authorities of a mesh: how they stand, and how one follows another. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.ca;
