package dev.sallyport.server.collector;

/** What the collector's thread comes upon; whoever hears of it must not block. */
interface Notices {
    /** The first batch of a stream is durable. */
    void began(StreamState stream);

    /** Records {@code from} to {@code to} will not come any more. */
    void gap(String stream, long from, long to);

    /** The stream has two histories from {@code number} on, or from a little before. */
    void fork(String stream, long number);
}
