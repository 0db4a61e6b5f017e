package dev.sallyport.proxy;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.sallyport.document.Fields;
import dev.sallyport.document.HostPort;
import java.io.IOException;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Whom a sidecar tells of its requests beside the record: {@code metrics: {compat: [istio]}}, {@code traces: {endpoint, ratio, headersFile}}, {@code accessLog: {to, mebibytesMax,
 * files}}. Without the last two nothing is made of a request for them.
 */
record TelemetryConfig(boolean istioNames, Optional<Traces> traces, Optional<AccessLog> accessLog) {
    private static final String CODE_VALUE = "SP0190";
    private static final Pattern RATIO = Pattern.compile("0(\\.[0-9]{1,9})?|1(\\.0{1,9})?");

    /** {@code endpoint}: of OTLP over HTTP, {@code /v1/traces} is appended; {@code ratio} 0 to 1 of the traces that begin here; {@code headersFile}: {@code name: value} lines for the collector, as a key. */
    record Traces(URI endpoint, double ratio, Optional<Path> headersFile) {}

    /** {@code file}: absent for standard output; {@code files}: how many of {@code bytesMax} are kept. */
    record AccessLog(Optional<Path> file, long bytesMax, int files) {}

    /** Of the whole configuration's {@code root}; {@code metrics}: its section, whose {@code listen} is somebody else's. */
    static TelemetryConfig read(Fields root, Optional<Fields> metrics, Path folder) {
        TelemetryConfig config = new TelemetryConfig(
                metrics.map(TelemetryConfig::istio).orElse(false),
                root.optionalFields("traces").flatMap(fields -> traces(fields, folder)),
                root.optionalFields("accessLog").map(fields -> accessLog(fields, folder)));
        metrics.ifPresent(Fields::done);
        return config;
    }

    private static boolean istio(Fields fields) {
        List<String> names = fields.optionalTexts("compat");
        if (!names.isEmpty() && !names.equals(List.of("istio"))) {
            fields.problem("compat", CODE_VALUE, names + " (expected: [istio])");
        }
        return !names.isEmpty();
    }

    private static Optional<Traces> traces(Fields fields, Path folder) {
        Optional<URI> endpoint = endpoint(fields);
        double ratio = ratio(fields);
        Optional<Path> headers =
                fields.optionalText("headersFile").map(text -> path(fields, "headersFile", folder, text));
        fields.done();
        return endpoint.map(url -> new Traces(url, ratio, headers));
    }

    /** In the clear only to this machine: routes, callers and users' words are in what is sent. */
    private static Optional<URI> endpoint(Fields fields) {
        String text = fields.text("endpoint");
        Optional<URI> url = url(text).filter(some -> "https".equals(some.getScheme()) || local(some));
        if (url.isEmpty() && !text.isEmpty()) {
            // What may hold a password or an API key is not repeated: this message ends up in logs.
            String shown = text.contains("@") || text.contains("?") ? "user, password or query in it" : text;
            fields.problem(
                    "endpoint",
                    CODE_VALUE,
                    shown + " (expected: https://HOST:PORT, or http:// of a loopback address; credentials are in"
                            + " headersFile)");
        }
        return url;
    }

    /** Of a host and, at most, port and path. */
    private static Optional<URI> url(String text) {
        try {
            URI url = URI.create(text);
            boolean plain = url.getRawUserInfo() == null && url.getRawQuery() == null && url.getRawFragment() == null;
            return plain && url.getHost() != null && url.getPort() != 0 && url.getPort() <= 65535
                    ? Optional.of(url)
                    : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static boolean local(URI url) {
        return "http".equals(url.getScheme())
                && HostPort.parse(url.getHost() + ":1")
                        .filter(ProxyConfig::loopback)
                        .isPresent();
    }

    private static double ratio(Fields fields) {
        String text = fields.optionalText("ratio").orElse("0.01");
        if (RATIO.matcher(text).matches()) {
            return Double.parseDouble(text);
        }
        fields.problem("ratio", CODE_VALUE, text + " (expected: 0 to 1, as 0.01)");
        return 0;
    }

    /** Of the text at {@code key}, which is there. */
    private static Path path(Fields fields, String key, Path folder, String text) {
        try {
            return folder.resolve(text);
        } catch (InvalidPathException e) {
            fields.problem(key, CODE_VALUE, "a name with " + e.getReason() + " (expected: a file)");
            return folder;
        }
    }

    private static AccessLog accessLog(Fields fields, Path folder) {
        String to = fields.text("to");
        AccessLog log = new AccessLog(
                to.equals("stdout") ? Optional.empty() : Optional.of(path(fields, "to", folder, to)),
                (long) fields.integer("mebibytesMax", 64, 1, 1 << 16) << 20,
                fields.integer("files", 5, 2, 1000));
        fields.done();
        return log;
    }

    void describe(JsonGenerator json) throws IOException {
        json.writeBooleanField("metricsIstioNames", istioNames);
        if (traces.isPresent()) {
            json.writeStringField("tracesEndpoint", traces.get().endpoint().toString());
            json.writeNumberField("tracesRatio", traces.get().ratio());
        }
        if (accessLog.isPresent()) {
            json.writeStringField(
                    "accessLog", accessLog.get().file().map(Path::toString).orElse("stdout"));
        }
    }
}
