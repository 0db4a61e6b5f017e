package dev.sallyport.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.document.Source;
import dev.sallyport.identity.SvidRejectedException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;

/**
 * The control plane's API (15015) over TLS 1.3 with the administrator's certificate. Answers are the server's JSON as it stands. Blocking, at most {@link #TIMEOUT} a call; any
 * thread.
 *
 * <p>Every method throws {@link RefusedException} when the control plane says no, and {@link CliException} when it cannot be reached or believed.
 */
public final class ControlPlaneApi implements AutoCloseable {
    private static final Duration TIMEOUT = Duration.ofSeconds(15);
    private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
    private static final ObjectMapper JSON = new ObjectMapper();
    /** In every answer: the digest of the trust bundle in force. */
    private static final String BUNDLE_HEADER = "sallyport-trust-bundle";

    private final AdminContext context;
    private final ContextTrust trust;
    private final Consumer<String> warnings;
    private final HttpClient client;

    private ControlPlaneApi(AdminContext context, Optional<Path> file, Consumer<String> warnings) throws CliException {
        try {
            this.context = context;
            this.trust = new ContextTrust(context, file);
            this.warnings = warnings;
            this.client = HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(CONNECT_TIMEOUT)
                    .followRedirects(HttpClient.Redirect.NEVER)
                    .sslContext(tls(context, trust.manager()))
                    .build();
        } catch (SvidRejectedException e) {
            throw new CliException(ExitCode.INVALID, "context: " + e.getMessage());
        }
    }

    /** With the context that a control plane wrote to {@code contextFile}; its trust bundle is kept up to date there, and {@code warnings} told when that fails. Connects at the first call. */
    public static ControlPlaneApi of(Path contextFile, Consumer<String> warnings) throws CliException {
        return new ControlPlaneApi(AdminContext.read(contextFile), Optional.of(contextFile), warnings);
    }

    private static SSLContext tls(AdminContext context, TrustManager trust) throws CliException {
        try {
            char[] inMemoryOnly = new char[0];
            KeyStore keys = KeyStore.getInstance("PKCS12");
            keys.load(null, null);
            keys.setKeyEntry(
                    "administrator",
                    context.privateKey(),
                    inMemoryOnly,
                    context.certificate().toArray(Certificate[]::new));
            KeyManagerFactory keyManagers = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keyManagers.init(keys, inMemoryOnly);
            SSLContext tls = SSLContext.getInstance("TLSv1.3");
            tls.init(keyManagers.getKeyManagers(), new TrustManager[] {trust}, null);
            return tls;
        } catch (GeneralSecurityException | IOException e) {
            throw new CliException(
                    ExitCode.INVALID, "context: its key and certificate do not go together (expected: an admin.json)");
        }
    }

    /** Revision, documents' state, issuers, sidecars in numbers. */
    public JsonNode status() throws CliException {
        return get("/v1/status");
    }

    /** {@code {"sidecars": […]}}: each with its certificate and its last ack. */
    public JsonNode sidecars() throws CliException {
        return get("/v1/sidecars");
    }

    /** {@code {"certificates": […]}}: everything issued. */
    public JsonNode certificates() throws CliException {
        return get("/v1/certificates");
    }

    /** As {@link #certificates}, of {@code service} or {@code identity} ({@code ""}: all); {@code all}: also what was revoked or has ended. */
    public JsonNode certificates(String service, String identity, boolean all) throws CliException {
        return get("/v1/certificates" + query("service", service, "identity", identity, "all", all ? "true" : ""));
    }

    /** One certificate, its lineage, what its identity rests on, what happened to it. {@code serial}: whole, or its first digits. */
    public JsonNode certificate(String serial) throws CliException {
        return get("/v1/certificates/" + encode(serial));
    }

    /** {@code {"chain", "certificates", "events"}} since a moment; {@code ""} leaves a filter out. */
    public JsonNode certificateEvents(String service, String identity, String serial, Instant since)
            throws CliException {
        return get("/v1/certificate-events"
                + query("service", service, "identity", identity, "serial", serial, "since", since.toString()));
    }

    /** Takes back what {@code kind} (identity, service or serial) and {@code value} name: {@code {"identity", "serials"}}. */
    public JsonNode revoke(String kind, String value, String reason) throws CliException {
        return json(send(
                post("/v1/revocations", JSON.createObjectNode().put(kind, value).put("reason", reason))));
    }

    /** Ends the revocation of an identity; {@code kind}: identity or service. */
    public JsonNode reinstate(String kind, String value) throws CliException {
        return json(
                send(post("/v1/revocations/reinstate", JSON.createObjectNode().put(kind, value))));
    }

    /** {@code {"revision", "digest", "documents": [{"kind", "name", "source"}]}}. */
    public JsonNode documents() throws CliException {
        return get("/v1/documents");
    }

    /** One document as YAML text. */
    public String document(String kind, String name) throws CliException {
        return send(request("/v1/documents/" + encode(kind) + "/" + encode(name))
                        .build())
                .body();
    }

    /** Replaces the whole set, if {@code revision} is still the current one: {@code {"revision", "digest"}}. */
    public JsonNode putDocuments(List<Source> sources, long revision) throws CliException {
        ObjectNode body = JSON.createObjectNode();
        ArrayNode list = body.putArray("sources");
        for (Source source : sources) {
            list.addObject().put("name", source.name()).put("text", source.text());
        }
        return json(send(request("/v1/documents")
                .header("if-match", "\"" + revision + "\"")
                .header("content-type", "application/json")
                .PUT(BodyPublishers.ofString(body.toString()))
                .build()));
    }

    /** The join file for one sidecar of {@code service}, as the bytes to write: it holds a secret. */
    public byte[] createJoinToken(String service, String life) throws CliException {
        return joinFile(JSON.createObjectNode().put("service", service).put("life", life));
    }

    /** The join file for sidecars of {@code service} that prove themselves otherwise: without a token, no secret. */
    public byte[] joinFileWithoutToken(String service) throws CliException {
        return joinFile(JSON.createObjectNode().put("service", service).put("token", false));
    }

    private byte[] joinFile(ObjectNode body) throws CliException {
        return send(post("/v1/join-tokens", body)).body().getBytes(StandardCharsets.UTF_8);
    }

    /** Asks the sidecars of these services, or all when empty, for new certificates: {@code {"requested": n}}. */
    public JsonNode rotate(Optional<List<String>> services) throws CliException {
        ObjectNode body = JSON.createObjectNode();
        services.ifPresentOrElse(
                names -> names.forEach(body.putArray("services")::add), () -> body.putNull("services"));
        return json(send(post("/v1/certificates/rotate", body)));
    }

    /** Tells the control plane to sign nothing for so long, as if the authority were dead: {@code {"endsAt"}}. */
    public JsonNode beginOutage(Duration length) throws CliException {
        return json(send(post("/v1/drills/outage", JSON.createObjectNode().put("seconds", length.toSeconds()))));
    }

    /** Ends it at once. */
    public void endOutage() throws CliException {
        send(request("/v1/drills/outage").DELETE().build());
    }

    /** {@code {"drills": […]}}, newest first. */
    public JsonNode drills() throws CliException {
        return get("/v1/drills");
    }

    /** Puts a drill on record: {@code {"id"}}. */
    public JsonNode recordDrill(JsonNode outcome) throws CliException {
        return json(send(post("/v1/drills", outcome)));
    }

    /** Authorities, the newest rotation with what it waits for, who holds certificates. */
    public JsonNode authorities() throws CliException {
        return get("/v1/ca");
    }

    /** Begins a rotation of the authority; answers as {@link #authorities}. */
    public JsonNode rotateAuthority(JsonNode wanted) throws CliException {
        return json(send(post("/v1/ca/rotate", wanted)));
    }

    /** Takes a rotation back; answers as {@link #authorities}. */
    public JsonNode abortRotation(JsonNode wanted) throws CliException {
        return json(send(post("/v1/ca/abort", wanted)));
    }

    /** Lets a rotation try again, perhaps without waiting for some; answers as {@link #authorities}. */
    public JsonNode continueRotation(JsonNode wanted) throws CliException {
        return json(send(post("/v1/ca/continue", wanted)));
    }

    public AdminContext context() {
        return context;
    }

    /** Ends open calls and connections. */
    @Override
    public void close() {
        client.shutdownNow();
    }

    /** What {@code path}, with its query, answers. */
    public JsonNode get(String path) throws CliException {
        return json(send(request(path).build()));
    }

    /** The same for what is no JSON: its exact bytes. */
    public byte[] bytes(String path) throws CliException {
        // One character a byte, so that none is lost.
        return send(request(path).build(), StandardCharsets.ISO_8859_1).body().getBytes(StandardCharsets.ISO_8859_1);
    }

    private HttpRequest post(String path, JsonNode body) {
        return request(path)
                .header("content-type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()))
                .build();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("https://" + context.api() + path))
                .timeout(TIMEOUT)
                .header("accept", "application/json, application/problem+json, application/yaml");
    }

    private HttpResponse<String> send(HttpRequest request) throws CliException {
        return send(request, StandardCharsets.UTF_8);
    }

    private HttpResponse<String> send(HttpRequest request, Charset charset) throws CliException {
        HttpResponse<String> response = exchange(request, charset);
        Optional<String> announced = response.headers().firstValue(BUNDLE_HEADER);
        if (announced.isPresent() && trust.differs(announced.get())) {
            followBundle();
        }
        if (response.statusCode() >= 300) {
            throw refusal(response);
        }
        return response;
    }

    /** The roots of the mesh change: those that come are believed from now on, before those that we know are gone. */
    private void followBundle() throws CliException {
        HttpResponse<String> response = exchange(request("/v1/trust-bundle").build(), StandardCharsets.UTF_8);
        Optional<String> problem = response.statusCode() == 200
                ? trust.follow(json(response).path("trustBundle").asText())
                : Optional.of("its new trust bundle cannot be read: HTTP status " + response.statusCode());
        problem.ifPresent(what -> warnings.accept("control plane: " + context.api() + ": " + what));
    }

    private HttpResponse<String> exchange(HttpRequest request, Charset charset) throws CliException {
        try {
            return client.send(request, BodyHandlers.ofString(charset));
        } catch (IOException e) {
            throw new CliException("control plane: " + context.api() + ": " + cause(e));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CliException("control plane: " + context.api() + ": interrupted while waiting for its answer");
        }
    }

    private static String cause(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SvidRejectedException rejected) {
                return "not believed: " + rejected.getMessage()
                        + (rejected.reason() == SvidRejectedException.Reason.UNTRUSTED
                                ? "; when its root was rotated, take the control plane's admin.json again"
                                : "");
            }
            if (cause instanceof HttpTimeoutException) {
                return "no answer in time (expected: one within " + TIMEOUT.toSeconds() + " s)";
            }
            if (cause instanceof ConnectException) {
                return "connection refused (expected: a running control plane; start it with sallyport control-plane)";
            }
        }
        String message = e.getMessage();
        return (message == null ? "the connection broke" : message)
                + " (expected: the API of the control plane that wrote the context)";
    }

    private static RefusedException refusal(HttpResponse<String> response) {
        JsonNode problem;
        try {
            problem = JSON.readTree(response.body());
        } catch (JsonProcessingException notJson) {
            problem = JSON.createObjectNode();
        }
        String title = problem.path("title").asText("HTTP status " + response.statusCode());
        List<String> problems = new ArrayList<>();
        for (JsonNode error : problem.path("errors")) {
            String path = error.path("path").asText();
            problems.add(error.path("location").asText() + ": "
                    + error.path("code").asText() + " " + (path.isEmpty() ? "" : path + ": ")
                    + error.path("message").asText());
        }
        return new RefusedException(
                response.statusCode(),
                "control plane: " + problem.path("detail").asText(title),
                problems);
    }

    private JsonNode json(HttpResponse<String> response) throws CliException {
        try {
            return JSON.readTree(response.body());
        } catch (JsonProcessingException e) {
            throw new CliException("control plane: " + context.api() + ": its answer is no JSON (expected: the API of "
                    + System.getProperty("sallyport.version", "this version") + ")");
        }
    }

    /** {@code ?name=value&…} of pairs whose value is not empty. */
    public static String query(String... pairs) {
        StringBuilder query = new StringBuilder();
        for (int i = 0; i < pairs.length; i += 2) {
            if (!pairs[i + 1].isEmpty()) {
                query.append(query.isEmpty() ? '?' : '&')
                        .append(pairs[i])
                        .append('=')
                        .append(encode(pairs[i + 1]));
            }
        }
        return query.toString();
    }

    /** As a part of a path or a query. */
    public static String encode(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
