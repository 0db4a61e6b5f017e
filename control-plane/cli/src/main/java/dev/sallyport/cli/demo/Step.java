package dev.sallyport.cli.demo;

import dev.sallyport.cli.CliException;
import java.io.IOException;

/** One thing that the demo shows. What it throws fails it, as does whatever it saw that must not be. */
interface Step {
    /** A sentence that is true when the step holds. */
    String name();

    void run(Scene scene, Observation observation) throws IOException, CliException, InterruptedException;
}
