/** Tests of policies on the command line: run once or at each change, printed for people, programs and build servers. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.tests;
