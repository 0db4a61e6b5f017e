package dev.sallyport.benchmarks.pair;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * Two Envoy: mutual TLS 1.3, keep-alive on every leg, identity and request id set.
 *
 * @param templates {@code envoy}: no more than that. {@code envoy-full}: each other's SPIFFE ID, the user's token and RBAC policies are checked as well, and each request is a line of an access log on both sides
 * @param policies lines of the configuration, for {@code envoy-full}
 * @param cache whether a token that was verified is remembered; Envoy's default is no
 */
public record EnvoyPair(String name, Path binary, Site site, String templates, String policies, boolean cache)
        implements PeerPair {
    /** Mutual TLS and the router. */
    static EnvoyPair minimal(String name, Path binary, Site site) {
        return new EnvoyPair(name, binary, site, "envoy", "", false);
    }

    /** Everything that Sallyport does and Envoy has a filter for. */
    static EnvoyPair full(String name, Path binary, Site site, Rules rules, boolean cache) {
        return new EnvoyPair(name, binary, site, "envoy-full", EnvoyPolicies.of(rules), cache);
    }

    @Override
    public Program program() {
        return new Program(
                templates,
                "yaml",
                Map.of("policies", policies, "jwtCache", cache ? "jwt_cache_config: {}" : ""),
                config -> List.of(
                        binary.toString(),
                        "-c",
                        config.toString(),
                        "--concurrency",
                        String.valueOf(site.workers()),
                        "--disable-hot-restart",
                        "--log-level",
                        "warning"),
                1);
    }
}
