package dev.sallyport.benchmarks.command;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** All configurations once; a command measures several rounds, each in a new order. */
interface Round {
    /** The configurations, in the order in which they were measured. */
    Iterable<String> order();

    /** What says how far to trust the round. */
    Noise noise();

    /** The raw figures. */
    void describe(ObjectNode json);
}
