package dev.sallyport.benchmarks.pair;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Two HAProxy: mutual TLS 1.3, keep-alive on every leg, identity and request id set. It knows no rules and no record. */
public record HaproxyPair(Path binary, Site site) implements PeerPair {
    @Override
    public String name() {
        return "haproxy";
    }

    @Override
    public Program program() {
        return new Program(
                "haproxy",
                "cfg",
                Map.of("identityPrefix", BenchMesh.identity("")),
                config -> List.of(binary.toString(), "-db", "-f", config.toString()), // in the foreground
                1);
    }
}
