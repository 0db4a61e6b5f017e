/** What tests of the command line share. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.testing;
