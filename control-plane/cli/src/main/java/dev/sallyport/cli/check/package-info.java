/** {@code check}: what is wrong with a mesh, or soon will be, each with the command that mends it. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.check;
