package dev.sallyport.benchmarks.command;

import java.io.IOException;

/** What is measured once in each round: one size, with all costs that are seen at it. */
interface GrowthTrial {
    void measure(GrowthRound round) throws IOException;
}
