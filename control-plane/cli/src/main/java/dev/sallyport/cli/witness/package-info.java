/** {@code witness}: a small process that cosigns the checkpoints of logs of others, and keeps what it saw. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.cli.witness;
