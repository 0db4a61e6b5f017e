package dev.sallyport.benchmarks.command;

import picocli.CommandLine.Option;

/** The load that every command puts on a pair which holds it at a rate. */
final class LoadOptions {
    @Option(
            names = "--rate",
            paramLabel = "N",
            defaultValue = "3000",
            description = "requests a second of the load (default: ${DEFAULT-VALUE})")
    int rate;

    @Option(
            names = "--connections",
            paramLabel = "N",
            defaultValue = "32",
            description = "keep-alive connections of the load (default: ${DEFAULT-VALUE})")
    int connections;

    void check(RunOptions options) {
        options.within("--rate", rate, 1, 1_000_000);
        options.within("--connections", connections, 1, 1000);
    }
}
