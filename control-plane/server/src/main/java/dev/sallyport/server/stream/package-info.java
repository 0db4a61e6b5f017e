/** Distribution: who is connected, what each sidecar is sent, what it acknowledged. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.server.stream;
