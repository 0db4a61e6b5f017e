package dev.sallyport.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;

/** A real Keycloak of its own: development mode, database in memory, plain http on a free loopback port, and an administrator whom nobody else knows. */
final class Keycloak implements AutoCloseable {
    private static final Duration READY_WITHIN = Duration.ofMinutes(3);
    private static final long STOP_SECONDS = 30;
    private static final Pattern LISTENING = Pattern.compile("Listening on: (http://127\\.0\\.0\\.1:\\d+)");
    private static final String ADMINISTRATOR = "operator";

    private final Process process;
    private final Path log;
    private final String password;
    private final String base;

    private Keycloak(Process process, Path log, String password) {
        this.process = process;
        this.log = log;
        this.password = password;
        Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly)); // also when a test run is cut off
        Awaitility.await().atMost(READY_WITHIN).until(this::listening);
        this.base = address();
        Http.send("GET", issuer("master") + "/.well-known/openid-configuration", "")
                .expect(200);
    }

    /** Returns when it answers. {@code folder} is where its home will be. */
    static Keycloak start(Path folder) throws IOException, InterruptedException {
        // Outlives the test, for whoever asks why it failed.
        Path log = Files.createTempFile(Path.of(System.getProperty("java.io.tmpdir")), "keycloak", ".log");
        String password = UUID.randomUUID().toString();
        ProcessBuilder builder = KeycloakProgram.at(Files.createDirectory(folder.resolve("keycloak")));
        builder.environment()
                .putAll(Map.of("KC_BOOTSTRAP_ADMIN_USERNAME", ADMINISTRATOR, "KC_BOOTSTRAP_ADMIN_PASSWORD", password));
        return new Keycloak(builder.redirectOutput(log.toFile()).start(), log, password);
    }

    private boolean listening() {
        if (!process.isAlive()) {
            throw new AssertionError("Keycloak ended with " + process.exitValue() + ": " + log());
        }
        return LISTENING.matcher(log()).find();
    }

    private String address() {
        Matcher listening = LISTENING.matcher(log());
        if (!listening.find()) {
            throw new AssertionError("no address: " + log());
        }
        return listening.group(1);
    }

    String log() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The {@code iss} of a realm's tokens. */
    String issuer(String realm) {
        return base + "/realms/" + realm;
    }

    /** How often somebody fetched the keys of a realm, as its access log counts. */
    long keyFetches(String realm) {
        String request = "\"GET /realms/" + realm + "/protocol/openid-connect/certs ";
        return log().lines().filter(line -> line.contains(request)).count();
    }

    /** An access token, by user name and password. */
    String login(String realm, String client, String user, String userPassword) {
        Map<String, String> form =
                Map.of("grant_type", "password", "client_id", client, "username", user, "password", userPassword);
        String body = form.entrySet().stream()
                .map(field -> field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
                .collect(Collectors.joining("&"));
        return Http.send(
                        "POST",
                        issuer(realm) + "/protocol/openid-connect/token",
                        body,
                        "content-type",
                        "application/x-www-form-urlencoded")
                .expect(200)
                .json()
                .path("access_token")
                .asText();
    }

    /** One request to the admin REST API; {@code path} below {@code /admin/realms}. */
    Http.Answer admin(String method, String path, String json) {
        // The administrator's tokens live for a minute: a new one each time.
        String token = login("master", "admin-cli", ADMINISTRATOR, password);
        return Http.send(
                method,
                base + "/admin/realms" + path,
                json,
                "authorization",
                "Bearer " + token,
                "content-type",
                "application/json");
    }

    JsonNode adminRead(String path) {
        return admin("GET", path, "").expect(200).json();
    }

    /** Returns when it is gone. */
    void stop() {
        process.destroy();
        process.onExit()
                .completeOnTimeout(process, STOP_SECONDS, TimeUnit.SECONDS)
                .join();
        process.destroyForcibly();
    }

    @Override
    public void close() {
        stop();
    }
}
