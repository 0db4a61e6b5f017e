package dev.sallyport.server.ca;

/** Where it is put on record what happens to authorities. Called after what it tells is durable; any thread; may block. */
@FunctionalInterface
public interface CaEvents {
    /** {@code what}: a stable word, as {@code rotation.activate}; {@code actor}: the person who asked for it, or {@code ""}; {@code detail}: a line for people, without secrets. */
    void record(String what, String actor, String detail);
}
