package dev.sallyport.benchmarks.pair;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * Two standalone sidecars as they ship, all features on: a token on each request that a rule demands, the rules of the mesh, the record of both sides, metrics.
 *
 * @param name of the configuration
 * @param launcher of this checkout, or of another one to be measured beside it
 */
public record SallyportPair(String name, Path launcher, Site site, Flavour flavour)
        implements Pair.Starter, InboundAlone {
    /** As they ship. */
    public SallyportPair(String name, Path launcher, Site site) {
        this(name, launcher, site, Flavour.USUAL);
    }

    /** The same sidecars with other rules. */
    SallyportPair with(String otherName, Rules rules) throws IOException {
        return new SallyportPair(otherName, launcher, site.with(site.mesh().with(rules)), flavour);
    }

    /** The same sidecars, run in another way. */
    SallyportPair as(String otherName, Flavour other) {
        return new SallyportPair(otherName, launcher, site, other);
    }

    @Override
    public Pair.Starter inbound() {
        return new Pair.Starter() {
            @Override
            public String name() {
                return SallyportPair.this.name();
            }

            @Override
            public Pair start() throws IOException, InterruptedException {
                Sidecars sidecars = sidecars();
                Sidecars.Running inbound = sidecars.callee(BenchMesh.CALLEE, "");
                return new Pair(
                        name(), inbound.inbound(), List.of(inbound.part("inbound")), () -> sidecars.stop(inbound));
            }
        };
    }

    Sidecars sidecars() throws IOException, InterruptedException {
        return Sidecars.prepare(name, launcher, site, flavour, List.of(BenchMesh.ISSUER_NAME));
    }

    @Override
    public Pair start() throws IOException, InterruptedException {
        Sidecars sidecars = sidecars();
        Sidecars.Running inbound = sidecars.callee(BenchMesh.CALLEE, "");
        Sidecars.Running outbound = sidecars.caller(BenchMesh.CALLER, BenchMesh.CALLEE, inbound);
        return pair(name, outbound, inbound, () -> List.of(outbound, inbound).forEach(sidecars::stop));
    }

    static Pair pair(String of, Sidecars.Running outbound, Sidecars.Running inbound, Runnable stop) {
        return new Pair(
                of,
                outbound.upstream(BenchMesh.CALLEE),
                List.of(outbound.part("outbound"), inbound.part("inbound")),
                stop);
    }
}
