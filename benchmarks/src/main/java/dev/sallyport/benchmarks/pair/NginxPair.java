package dev.sallyport.benchmarks.pair;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** Two nginx: mutual TLS 1.3, keep-alive on every leg, identity and request id set. It knows no tokens, no rules and no record. */
public record NginxPair(Path binary, Site site) implements PeerPair {
    @Override
    public String name() {
        return "nginx";
    }

    @Override
    public Program program() {
        return program(binary, site, "nginx", "");
    }

    /** Its processes are a master and workers. {@code loadModule}: a line of the configuration. */
    static Program program(Path binary, Site site, String templates, String loadModule) {
        return new Program(
                templates,
                "conf",
                Map.of("loadModule", loadModule),
                config -> List.of(binary.toString(), "-p", String.valueOf(config.getParent()), "-c", config.toString()),
                1 + site.workers());
    }
}
