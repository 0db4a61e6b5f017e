package dev.sallyport.benchmarks.pair;

/** A configuration whose callee's side can be started without the caller's: where others shake hands. */
public interface InboundAlone {
    /** Of the same name; its pair has one part, {@code inbound}, and its address takes mutual TLS. */
    Pair.Starter inbound();
}
