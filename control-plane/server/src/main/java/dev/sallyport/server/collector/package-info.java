/**
 * The collector: takes the sidecars' sealed batches, makes them durable in a journal before it answers, puts them into one tiled log that it signs and has witnessed, and says what is
 * missing. The log is the truth; the tables beside it are read from it again after a loss.
 */
@org.jspecify.annotations.NullMarked
package dev.sallyport.server.collector;
