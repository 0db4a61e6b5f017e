/** Spans on their way to a trace collector: OTLP over HTTP, by an encoder of our own and a thread that may wait. Start reading at {@link dev.sallyport.proxy.trace.SpanExporter}. */
@org.jspecify.annotations.NullMarked
package dev.sallyport.proxy.trace;
