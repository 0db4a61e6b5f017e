package dev.sallyport.server;

import dev.sallyport.document.Code;
import dev.sallyport.document.Documents;
import dev.sallyport.document.Fields;
import dev.sallyport.document.HostPort;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Location;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.server.budget.OutagePlan;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything that can be configured. {@code documents} present: that folder is the only author. {@code trustDomain} and {@code meshName} found a mesh without a folder.
 * {@code advertise}: the host that join files name, when a listener's own address is no use elsewhere. {@code keyFile}: the key that encrypts the authority's keys.
 * {@code outageMinimum}: how long everybody must go on when nobody signs certificates; settings that promise less are refused.
 */
record ServerConfig(
        Path state,
        Optional<Path> documents,
        boolean dev,
        Optional<TrustDomain> trustDomain,
        Optional<String> meshName,
        HostPort sidecars,
        HostPort enrolment,
        HostPort monitoring,
        HostPort api,
        Optional<String> advertise,
        Optional<Path> keyFile,
        Duration leafLife,
        IssuanceSettings issuance,
        Optional<Duration> outageMinimum,
        AuthoritySettings authority,
        AuditSettings audit) {
    private static final String LOOPBACK = "127.0.0.1";
    private static final int SIDECARS_PORT = 15012;
    private static final int ENROLMENT_PORT = 15013;
    private static final int MONITORING_PORT = 15014;
    private static final int API_PORT = 15015;
    private static final Duration LEAF_LIFE = Duration.ofHours(24);
    /** Short enough for tests of renewal, long enough that a renewal can be repeated. */
    private static final Duration LEAF_LIFE_MIN = Duration.ofSeconds(10);

    private static final Duration LEAF_LIFE_MAX = Duration.ofDays(7);
    /** So long lives an intermediate of Vault's. */
    private static final Duration OUTAGE_MINIMUM_MAX = Duration.ofDays(30);

    /** Flags and environment over the file. Every problem at once. */
    static ServerConfig read(Flags flags) throws IOException, InvalidDocumentException {
        Problems problems = new Problems();
        Map<String, Node.Entry> merged = new LinkedHashMap<>();
        Path base = Path.of("");
        Location location = new Location("command line", 1, 1);
        if (flags.config().isPresent()) {
            Path file = flags.config().get();
            base = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(base);
            List<Node> documents = Documents.parse(Source.read(file).getFirst(), problems);
            if (documents.size() == 1 && documents.getFirst() instanceof Node.Mapping mapping) {
                merged.putAll(mapping.entries());
                location = mapping.location();
            } else if (problems.isEmpty()) {
                problems.add(new Location(file.toString(), 1, 1), "", "SP0012", "expected: one mapping, key: value");
            }
        }
        merged.putAll(flags.values());
        Fields fields = Fields.of(new Node.Mapping(location, new LinkedHashMap<>(merged)), "", problems);
        ServerConfig config = of(fields, new Paths(base, flags.values()));
        fields.done();
        problems.throwIfAny();
        return config;
    }

    /** Paths in a file are relative to the file, paths of a flag to the working folder. */
    private record Paths(Path base, Map<String, Node.Entry> flags) {
        Path resolve(String key, String text) {
            return (flags.containsKey(key) ? Path.of(text) : base.resolve(text))
                    .toAbsolutePath()
                    .normalize();
        }
    }

    private static ServerConfig of(Fields fields, Paths paths) {
        Duration leafLife = fields.duration("leafLife", LEAF_LIFE, LEAF_LIFE_MIN, LEAF_LIFE_MAX);
        IssuanceSettings issuance = IssuanceSettings.read(
                fields, path -> paths.resolve("kubernetes", path.toString()), LEAF_LIFE_MIN, LEAF_LIFE_MAX);
        return new ServerConfig(
                paths.resolve("state", fields.text("state")),
                fields.optionalText("documents").map(text -> paths.resolve("documents", text)),
                fields.bool("dev", false),
                trustDomain(fields),
                fields.optionalText("meshName"),
                address(fields, "sidecars", SIDECARS_PORT),
                address(fields, "enrolment", ENROLMENT_PORT),
                address(fields, "monitoring", MONITORING_PORT),
                address(fields, "api", API_PORT),
                advertise(fields),
                fields.optionalText("keyFile").map(text -> paths.resolve("keyFile", text)),
                leafLife,
                issuance,
                outageMinimum(fields, leafLife, issuance),
                AuthoritySettings.read(fields, path -> paths.resolve("vault", path.toString())),
                AuditSettings.read(fields, path -> paths.resolve("audit", path.toString())));
    }

    private static Optional<Duration> outageMinimum(Fields fields, Duration leafLife, IssuanceSettings issuance) {
        Optional<Duration> minimum =
                fields.optionalDuration("outageMinimum", Duration.ofSeconds(1), OUTAGE_MINIMUM_MAX);
        OutagePlan.of(leafLife, issuance.leafLives(), minimum)
                .problem()
                .ifPresent(why -> fields.problem("outageMinimum", Code.VALUE, why));
        return minimum;
    }

    /** Of anybody's. */
    Duration longestLeafLife() {
        return issuance.leafLives().values().stream()
                .reduce(leafLife, (one, other) -> one.compareTo(other) >= 0 ? one : other);
    }

    /** What these settings promise when nobody signs. */
    OutagePlan outagePlan() {
        return OutagePlan.of(leafLife, issuance.leafLives(), outageMinimum);
    }

    private static HostPort address(Fields fields, String key, int port) {
        return fields.hostPort(key, true).orElse(new HostPort(LOOPBACK, port));
    }

    private static Optional<TrustDomain> trustDomain(Fields fields) {
        Optional<String> text = fields.optionalText("trustDomain");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(TrustDomain.parse(text.get()));
        } catch (InvalidSpiffeIdException e) {
            fields.problem("trustDomain", "SP0013", String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private static Optional<String> advertise(Fields fields) {
        Optional<String> host = fields.optionalText("advertise");
        if (host.isPresent() && !HostPort.isName(host.get()) && !HostPort.isIpv6(host.get())) {
            fields.problem(
                    "advertise", "SP0013", host.get() + " (expected: a host name or an address, without a port)");
        }
        return host;
    }
}
