package dev.sallyport.proxy.token;

/** What one peer may cost the others in tokens that nobody has seen before: an ES256 check takes a good part of a millisecond on an event loop. */
@FunctionalInterface
public interface Budget {
    /** Takes one; false when there is none left for now. */
    boolean take();
}
