/** The command line: {@link dev.sallyport.cli.Cli} wires the commands; what they share is here, each group of commands in a package below. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli;
