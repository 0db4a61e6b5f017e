package dev.sallyport.policy;

import dev.sallyport.document.Fields;
import dev.sallyport.document.HostPort;
import dev.sallyport.document.Text;
import dev.sallyport.policy.Mesh.OpaAddress;
import dev.sallyport.policy.Mesh.OpaTarget;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Reads the OPA targets of a Mesh, and what a rule asks of one. */
final class OpaReader {
    private static final int CONCURRENCY = 16;
    private static final int CONCURRENCY_MAX = 1_024;
    private static final int SOCKET_CHARACTERS_MAX = 107; // sun_path of Linux, less its NUL
    private static final int PATH_CHARACTERS_MAX = 256;
    private static final Duration TIMEOUT = Duration.ofMillis(50);
    private static final Duration TIMEOUT_MIN = Duration.ofMillis(1);
    private static final Duration TIMEOUT_MAX = Duration.ofSeconds(1);
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "::1");
    private static final String UNIX = "unix:";

    private OpaReader() {}

    /** Empty, with a problem, without a usable address. */
    static Optional<OpaTarget> target(MeshReader mesh, String name, Fields fields) {
        Names.check(name, fields);
        Optional<OpaAddress> address;
        if (fields.has("service")) {
            address = inMesh(mesh, fields);
            if (fields.has("address")) {
                fields.problem("address", Codes.OPA_ADDRESS, "beside service (expected: address, or service and port)");
            }
            fields.node("address");
        } else {
            address = local(fields);
        }
        int concurrency = fields.integer("concurrency", CONCURRENCY, 1, CONCURRENCY_MAX);
        fields.done();
        return address.map(to -> new OpaTarget(name, to, concurrency));
    }

    private static Optional<OpaAddress> inMesh(MeshReader mesh, Fields fields) {
        String service = fields.text("service");
        if (!fields.has("port")) {
            fields.missing("port", "a port of the service, of kind http");
        }
        int port = fields.integer("port", 0, 1, 65_535);
        if (service.isEmpty() || !mesh.checkService(fields.placed("service", service))) {
            return Optional.empty();
        }
        boolean http = mesh.ports(service)
                .filter(ports -> ports.get(port) == Mesh.PortKind.HTTP)
                .isPresent();
        if (!http && port > 0 && mesh.ports(service).isPresent()) {
            fields.problem(
                    "port",
                    Codes.OPA_ADDRESS,
                    port + ": no http port of " + service + " (expected: of "
                            + mesh.ports(service).orElseThrow().keySet() + ", one of kind http)");
        }
        return Optional.of(new OpaAddress.InMesh(service, port));
    }

    private static Optional<OpaAddress> local(Fields fields) {
        String text = fields.text("address");
        Optional<OpaAddress> address = text.startsWith(UNIX)
                ? Optional.of(text.substring(UNIX.length()))
                        .filter(OpaReader::socket)
                        .map(OpaAddress.UnixSocket::new)
                : HostPort.parse(text)
                        .filter(to -> LOOPBACK.contains(to.host()) && to.port() > 0)
                        .map(OpaAddress.Loopback::new);
        if (address.isEmpty() && !text.isEmpty()) {
            fields.problem(
                    "address",
                    Codes.OPA_ADDRESS,
                    text + " (expected: unix:/run/opa.sock, 127.0.0.1:8181 or [::1]:8181; beyond this host service and"
                            + " port, over mTLS)");
        }
        return address;
    }

    /** One spelling, so that what a reviewer reads is the file that is opened. */
    private static boolean socket(String path) {
        return path.length() <= SOCKET_CHARACTERS_MAX
                && path.startsWith("/")
                && path.chars().allMatch(c -> c > 0x20 && c < 0x7F)
                && List.of(path.substring(1).split("/", -1)).stream()
                        .noneMatch(part -> part.isEmpty() || part.equals(".") || part.equals(".."));
    }

    static Optional<OpaQuery> query(Reading reading, Fields rule) {
        return rule.optionalFields("opa").map(opa -> {
            String target = opa.text("target");
            reading.mesh()
                    .filter(_ -> !target.isEmpty())
                    .ifPresent(mesh -> mesh.checkOpa(opa.placed("target", target)));
            String path = opa.text("path");
            if (!path.isEmpty() && !dataPath(path)) {
                opa.problem(
                        "path",
                        Codes.OPA_PATH,
                        path + " (expected: names of letters, digits, - and _ with / between, below /v1/data/, as"
                                + " shop/payment/allow; at most " + PATH_CHARACTERS_MAX + " characters)");
            }
            Duration timeout = opa.duration("timeout", TIMEOUT, TIMEOUT_MIN, TIMEOUT_MAX);
            TreeSet<String> headers = new TreeSet<>();
            for (Text header : Bound.OPA_HEADERS.optionalTexts(opa, "headers")) {
                reading.refusal(header.text())
                        .ifPresent(refusal -> header.problem(reading.problems(), Codes.FIELD_NAME, refusal));
                headers.add(header.text());
            }
            opa.done();
            return new OpaQuery(target, path, timeout, headers);
        });
    }

    private static boolean dataPath(String path) {
        return path.length() <= PATH_CHARACTERS_MAX
                && List.of(path.split("/", -1)).stream()
                        .allMatch(part -> !part.isEmpty() && part.chars().allMatch(OpaReader::nameCharacter));
    }

    private static boolean nameCharacter(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    }
}
