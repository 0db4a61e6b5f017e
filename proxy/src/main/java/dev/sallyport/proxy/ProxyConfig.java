package dev.sallyport.proxy;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.sallyport.audit.AuditLog;
import dev.sallyport.document.Documents;
import dev.sallyport.document.Fields;
import dev.sallyport.document.HostPort;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Location;
import dev.sallyport.document.Node;
import dev.sallyport.document.Problems;
import dev.sallyport.document.Source;
import dev.sallyport.proxy.http.Limits;
import dev.sallyport.proxy.net.Transport;
import dev.sallyport.proxy.standalone.StandaloneFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a sidecar cannot learn from the control plane (design 2.1), read once at start. Flags win over variables, those over the file, that over the defaults beside the fields
 * below. Paths inside the file are relative to it.
 */
public record ProxyConfig(
        String service,
        HostPort application,
        Path stateDirectory,
        Mode mode,
        Inbound inbound,
        Outbound outbound,
        HostPort admin,
        HostPort metrics,
        HostPort health,
        Audit audit,
        TelemetryConfig telemetry,
        int loops,
        Transport.Io io,
        Drain drain,
        Limits limits) {
    private static final String CODE_VALUE = "SP0190";
    private static final String EPOLL = "epoll";
    private static final int FILE_BYTES_MAX = 1 << 20;
    /** Four segments: one that is written, one ahead, and two that wait for a receipt. */
    private static final int MEBIBYTES_MIN = 256;

    /** Where certificate and snapshots come from. */
    public sealed interface Mode {}

    /** Files that somebody else makes and replaces: no control plane is asked. */
    public record Standalone(StandaloneFiles files) implements Mode {}

    /**
     * The join file holds all; what is present here wins over it. {@code serviceAccountTokenFile}: what a join file without a token is used with; {@code joinWait}: how long to wait for the file, and then for the control plane. */
    public record ControlPlane(
            Optional<Path> joinTokenFile,
            Optional<Path> serviceAccountTokenFile,
            Optional<HostPort> address,
            Optional<HostPort> enrolment,
            Optional<Path> trustBundle,
            Optional<Path> rootKeys,
            Duration joinWait)
            implements Mode {}

    /** {@code advertise}: where other sidecars reach this one; the bound address when absent. */
    public record Inbound(HostPort listen, Optional<HostPort> advertise) {}

    /** {@code upstreams}: a loopback listener by {@code service} or {@code service:port}. */
    public record Outbound(HostPort listen, SortedMap<String, HostPort> upstreams) {}

    /** {@code bytesMax}: of the log's folder; {@code shipTimeout}: how long a clean stop waits for the collector's receipts. */
    public record Audit(DataPath.SubjectMode subject, long bytesMax, Duration shipTimeout) {}

    /** {@code delay} between not being ready and refusing, for load balancers to notice; {@code deadline} for what is under way. */
    public record Drain(Duration delay, Duration deadline) {}

    /** All problems at once, or a configuration that holds. IOException: the file itself cannot be read. */
    static ProxyConfig load(Flags flags) throws IOException, InvalidDocumentException {
        Problems problems = new Problems();
        Node.Mapping root = new Node.Mapping(new Location("configuration", 1, 1), new LinkedHashMap<>());
        Path folder = Path.of("").toAbsolutePath();
        if (flags.config().isPresent()) {
            Path file = flags.config().get();
            root = readFile(file, problems);
            folder = Optional.ofNullable(file.toAbsolutePath().getParent()).orElse(folder);
        }
        for (Flags.Setting setting : flags.settings()) {
            root = with(root, setting, setting.key());
        }
        ProxyConfig config = new Reader(folder).read(Fields.of(root, "", problems));
        problems.throwIfAny();
        return config;
    }

    private static Node.Mapping readFile(Path file, Problems problems) throws IOException, InvalidDocumentException {
        if (Files.size(file) > FILE_BYTES_MAX) {
            throw new IOException(file + ": " + Files.size(file) + " bytes (expected: at most " + FILE_BYTES_MAX + ")");
        }
        Source source = new Source(file.toString(), Files.readString(file));
        List<Node> nodes = Documents.parse(source, problems);
        problems.throwIfAny(); // keys of a text that did not parse would only mislead
        Location start = new Location(source.name(), 1, 1);
        if (nodes.isEmpty()) {
            return new Node.Mapping(start, new LinkedHashMap<>());
        }
        if (nodes.size() == 1 && nodes.getFirst() instanceof Node.Mapping mapping) {
            return mapping;
        }
        problems.add(start, "", CODE_VALUE, "one YAML document that is a mapping is expected");
        problems.throwIfAny();
        throw new IllegalStateException("unreachable: a problem was added");
    }

    /** A copy in which the key has the setting's value, located at its flag or variable. */
    private static Node.Mapping with(Node.Mapping mapping, Flags.Setting setting, List<String> key) {
        Location location = new Location(setting.origin(), 1, 1);
        LinkedHashMap<String, Node.Entry> entries = new LinkedHashMap<>(mapping.entries());
        Node.Entry old = entries.get(key.getFirst());
        Node value;
        if (key.size() == 1) {
            value = new Node.Scalar(location, setting.value(), false);
        } else {
            Node.Mapping inner = old != null && old.value() instanceof Node.Mapping m
                    ? m
                    : new Node.Mapping(location, new LinkedHashMap<>());
            value = with(inner, setting, key.subList(1, key.size()));
        }
        entries.put(key.getFirst(), new Node.Entry(old != null ? old.keyLocation() : location, value));
        return new Node.Mapping(mapping.location(), entries);
    }

    /** Whether only this machine can connect to it: {@code localhost} or a loopback address; other names are not looked up. */
    static boolean loopback(HostPort address) {
        return address.host().equalsIgnoreCase("localhost")
                || literal(address).filter(InetAddress::isLoopbackAddress).isPresent();
    }

    private static Optional<InetAddress> literal(HostPort address) {
        try {
            return Optional.of(InetAddress.ofLiteral(address.host()));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** As {@code /config_dump} shows it. There is no secret in it: tokens and keys are in files, and only their names are here. */
    void describe(JsonGenerator json) throws IOException {
        json.writeStringField("service", service);
        json.writeStringField("application", application.toString());
        json.writeStringField("stateDirectory", stateDirectory.toString());
        json.writeStringField(
                "mode",
                switch (mode) {
                    case ControlPlane _ -> "controlPlane";
                    case Standalone _ -> "standalone";
                });
        json.writeStringField("inbound", inbound.listen().toString());
        json.writeStringField("outbound", outbound.listen().toString());
        json.writeStringField("metrics", metrics.toString());
        json.writeStringField("health", health.toString());
        json.writeObjectFieldStart("upstreams");
        for (Map.Entry<String, HostPort> upstream : outbound.upstreams().entrySet()) {
            json.writeStringField(upstream.getKey(), upstream.getValue().toString());
        }
        json.writeEndObject();
        json.writeStringField("auditSubject", audit.subject().name().toLowerCase(Locale.ROOT));
        json.writeNumberField("auditMebibytesMax", audit.bytesMax() >> 20);
        json.writeNumberField("auditShipTimeoutSeconds", audit.shipTimeout().toSeconds());
        telemetry.describe(json);
        json.writeNumberField("loops", loops);
        json.writeStringField("io", io.name().toLowerCase(Locale.ROOT));
        json.writeNumberField("drainDelaySeconds", drain.delay().toSeconds());
        json.writeNumberField("drainDeadlineSeconds", drain.deadline().toSeconds());
        json.writeStringField("limits", limits.toString());
    }

    /** Reads the tree; {@code folder} is what relative paths start from. */
    private record Reader(Path folder) {
        ProxyConfig read(Fields root) {
            Optional<Fields> outbound = root.optionalFields("outbound");
            Optional<Fields> drain = root.optionalFields("drain");
            Optional<Fields> metrics = root.optionalFields("metrics");
            ProxyConfig config = new ProxyConfig(
                    root.text("service"),
                    application(root),
                    folder.resolve(root.text("stateDirectory")),
                    mode(root),
                    inbound(root.optionalFields("inbound"), root.has("standalone")),
                    new Outbound(loopbackListen(outbound, 15001), upstreams(outbound)),
                    loopbackListen(root.optionalFields("admin"), 15000, true),
                    listen(metrics, 15020, false),
                    listen(root.optionalFields("health"), 15021, true),
                    audit(root.optionalFields("audit")),
                    TelemetryConfig.read(root, metrics, folder),
                    root.integer("loops", 1, 1, 64),
                    Transport.Io.valueOf(
                            root.oneOf("io", EPOLL, EPOLL, "io_uring").toUpperCase(Locale.ROOT)),
                    new Drain(
                            duration(drain, "delay", Duration.ZERO, Duration.ofMinutes(5)),
                            duration(drain, "deadline", Duration.ofSeconds(10), Duration.ofMinutes(10))),
                    LimitsReader.read(root.optionalFields("limits")));
            outbound.ifPresent(Fields::done);
            drain.ifPresent(Fields::done);
            root.done();
            return config;
        }

        private static HostPort application(Fields root) {
            if (!root.has("application")) {
                root.problem("application", CODE_VALUE, "missing (expected: HOST:PORT of the application)");
            }
            return root.hostPort("application", false).orElse(new HostPort("127.0.0.1", 1));
        }

        private Mode mode(Fields root) {
            Optional<Fields> standalone = root.optionalFields("standalone");
            ControlPlane controlPlane = controlPlane(root.optionalFields("controlPlane"));
            if (standalone.isEmpty()) {
                return controlPlane;
            }
            if (root.has("controlPlane")) {
                root.problem("standalone", CODE_VALUE, "beside controlPlane (expected: one of the two)");
            }
            return standalone(standalone.get());
        }

        private Standalone standalone(Fields fields) {
            StandaloneFiles files = new StandaloneFiles(
                    folder.resolve(fields.text("snapshot")),
                    folder.resolve(fields.text("trustKey")),
                    folder.resolve(fields.text("certificate")),
                    folder.resolve(fields.text("privateKey")),
                    path(Optional.of(fields), "trustBundle"));
            fields.done();
            return new Standalone(files);
        }

        private ControlPlane controlPlane(Optional<Fields> fields) {
            ControlPlane controlPlane = new ControlPlane(
                    path(fields, "joinTokenFile"),
                    path(fields, "serviceAccountTokenFile"),
                    fields.flatMap(f -> f.hostPort("address", false)),
                    fields.flatMap(f -> f.hostPort("enrolment", false)),
                    path(fields, "trustBundle"),
                    path(fields, "rootKeys"),
                    duration(fields, "joinWait", Duration.ofSeconds(60), Duration.ofHours(24)));
            fields.ifPresent(Fields::done);
            return controlPlane;
        }

        private Optional<Path> path(Optional<Fields> fields, String key) {
            return fields.flatMap(f -> f.optionalText(key)).map(folder::resolve);
        }

        /** Nobody is told an address when no control plane is. */
        private static Inbound inbound(Optional<Fields> fields, boolean standalone) {
            HostPort listen = listen(fields, 15006, false);
            Optional<HostPort> advertise = fields.flatMap(f -> f.hostPort("advertise", false));
            if (advertise.isEmpty()
                    && !standalone
                    && literal(listen).filter(InetAddress::isAnyLocalAddress).isPresent()) {
                fields.ifPresent(f -> f.problem(
                        "advertise",
                        CODE_VALUE,
                        "missing (expected: the address at which other sidecars reach " + listen + ")"));
            }
            fields.ifPresent(Fields::done);
            return new Inbound(listen, advertise);
        }

        private static HostPort listen(Optional<Fields> fields, int port, boolean done) {
            HostPort listen = fields.flatMap(f -> f.hostPort("listen", true)).orElse(new HostPort("127.0.0.1", port));
            if (done) {
                fields.ifPresent(Fields::done);
            }
            return listen;
        }

        private static HostPort loopbackListen(Optional<Fields> fields, int port) {
            return loopbackListen(fields, port, false);
        }

        private static HostPort loopbackListen(Optional<Fields> fields, int port, boolean done) {
            HostPort listen = listen(fields, port, done);
            if (!loopback(listen)) {
                fields.ifPresent(f -> f.problem(
                        "listen",
                        CODE_VALUE,
                        listen + " (expected: a loopback address; whoever reaches this port acts for the service)"));
            }
            return listen;
        }

        private static SortedMap<String, HostPort> upstreams(Optional<Fields> outbound) {
            SortedMap<String, HostPort> upstreams = new TreeMap<>();
            for (Map.Entry<String, String> entry : outbound.map(f -> f.namedTexts("upstreams"))
                    .orElse(Map.of())
                    .entrySet()) {
                Optional<HostPort> listen = HostPort.parse(entry.getValue()).filter(ProxyConfig::loopback);
                if (listen.isPresent()) {
                    upstreams.put(entry.getKey(), listen.get());
                } else {
                    outbound.get()
                            .problem(
                                    "upstreams",
                                    CODE_VALUE,
                                    entry.getKey() + ": " + entry.getValue() + " (expected: a loopback HOST:PORT)");
                }
            }
            return Collections.unmodifiableSortedMap(upstreams);
        }

        private static Audit audit(Optional<Fields> fields) {
            String subject = fields.map(f -> f.oneOf("subject", "keyed", "keyed", "clear"))
                    .orElse("keyed");
            int standard = Math.toIntExact(AuditLog.Settings.BYTES_MAX >> 20);
            long mebibytes = fields.map(f -> f.integer("mebibytesMax", standard, MEBIBYTES_MIN, 1 << 20))
                    .orElse(standard);
            Audit audit = new Audit(
                    subject.equals("clear") ? DataPath.SubjectMode.CLEAR : DataPath.SubjectMode.KEYED,
                    mebibytes << 20,
                    duration(fields, "shipTimeout", Duration.ofSeconds(3), Duration.ofMinutes(1)));
            fields.ifPresent(Fields::done);
            return audit;
        }

        private static Duration duration(Optional<Fields> fields, String key, Duration fallback, Duration max) {
            return fields.map(f -> f.duration(key, fallback, Duration.ZERO, max))
                    .orElse(fallback);
        }
    }
}
