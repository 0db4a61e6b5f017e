/** {@code certs drill}: what must not be noticed is done on a live mesh under traffic, and whether anybody noticed is counted. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.drill;
