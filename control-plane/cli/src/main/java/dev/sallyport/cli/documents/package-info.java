/** The documents of the mesh: lint them where they are written, see which are in force, replace them. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.documents;
