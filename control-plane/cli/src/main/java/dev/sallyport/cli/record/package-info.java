/** What is on record, read back: is it whole, and why was this decided. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.record;
