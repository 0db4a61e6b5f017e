package dev.sallyport.proxy.admin;

/** An answer that has no end of its own. */
interface PageStream extends AutoCloseable {
    /** Of what there is now, at most 256 KiB; empty: nothing. Where pages are made. */
    byte[] read();

    /** Nothing more will come than what the next calls of {@link #read} say, up to one that says nothing. Any thread. */
    boolean ended();

    /** The reader is gone, or the end has been said. Any thread, once or more. */
    @Override
    void close();
}
