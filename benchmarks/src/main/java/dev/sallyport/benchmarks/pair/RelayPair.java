package dev.sallyport.benchmarks.pair;

import java.nio.file.Path;

/**
 * The floor: two nginx that move bytes between plain text and mutual TLS 1.3, and know no HTTP.
 *
 * @param loadModule line of the configuration that loads nginx' stream module, or empty where it is built in
 */
public record RelayPair(Path binary, String loadModule, Site site) implements PeerPair {
    @Override
    public String name() {
        return "relay";
    }

    @Override
    public Program program() {
        return NginxPair.program(binary, site, "relay", loadModule);
    }
}
