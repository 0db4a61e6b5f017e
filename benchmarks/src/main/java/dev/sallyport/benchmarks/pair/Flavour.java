package dev.sallyport.benchmarks.pair;

import java.util.Map;

/**
 * How sidecars are run that are the same otherwise.
 *
 * @param io key of their configuration
 * @param environment of their launcher
 */
record Flavour(String io, Map<String, String> environment) {
    /** As they ship. */
    static final Flavour USUAL = new Flavour("epoll", Map.of());

    static final Flavour IO_URING = new Flavour("io_uring", Map.of());

    /** The launcher's profile for many sidecars on a node. */
    static final Flavour SMALL = new Flavour("epoll", Map.of("SALLYPORT_PROFILE", "small"));

    Flavour {
        environment = Map.copyOf(environment);
    }

    /** A line of the configuration; nothing for what another checkout may not know. */
    String line() {
        return io.equals(USUAL.io) ? "" : "io: " + io + "\n";
    }
}
