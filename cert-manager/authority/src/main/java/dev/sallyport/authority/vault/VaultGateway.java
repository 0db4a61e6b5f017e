package dev.sallyport.authority.vault;

import io.github.jopenlibs.vault.SslConfig;
import io.github.jopenlibs.vault.VaultConfig;
import io.github.jopenlibs.vault.api.Logical;
import io.github.jopenlibs.vault.json.Json;
import io.github.jopenlibs.vault.json.JsonArray;
import io.github.jopenlibs.vault.json.JsonObject;
import io.github.jopenlibs.vault.json.JsonValue;
import java.io.IOException;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/**
 * The only user of vault-java-driver, and of it only {@code logical()} of engine version 1, which leaves path and body alone. One HTTP client for all calls; no retries of the driver's,
 * which repeats whatever failed; nothing from {@code VAULT_*} variables or {@code ~/.vault-token}. Any thread.
 */
public final class VaultGateway implements AutoCloseable {
    /** A reachable server answers the handshake in milliseconds; an unreachable one must not hold a caller. */
    public static final int CONNECT_SECONDS_MAX = 2;

    /** From the first byte sent to the last received. */
    public static final int CALL_SECONDS_MAX = 5;

    private static final int ENGINE_VERSION = 1;
    private static final String NO_TOKEN = "";

    private final VaultSettings settings;
    private final HttpClient client;

    private VaultGateway(VaultSettings settings, HttpClient client) {
        this.settings = settings;
        this.client = client;
    }

    /** Reads the CA and, for the certificate method, our certificate. Nothing is sent. IOException names the file at fault. */
    public static VaultGateway open(VaultSettings settings) throws IOException {
        HttpClient client = HttpClient.newBuilder()
                .sslContext(VaultTls.context(settings))
                .sslParameters(new SSLParameters(null, new String[] {"TLSv1.3", "TLSv1.2"}))
                .connectTimeout(Duration.ofSeconds(CONNECT_SECONDS_MAX))
                // A standby may send us to the active node; never from https to http.
                .followRedirects(HttpClient.Redirect.NORMAL)
                // Over HTTP/2 all calls share one connection: one that died silently would fail them all for minutes.
                .version(HttpClient.Version.HTTP_1_1)
                .build();
        return new VaultGateway(settings, client);
    }

    /** The API for whoever holds {@code token}. */
    public Vault as(String token) {
        return as(() -> token, Map.of());
    }

    /** The same, but every answer is kept back for {@code ttl} and given to who first unwraps it; {@code data} is what Vault says of that: {@code token}, {@code creation_path}. */
    public Vault wrapping(String token, Duration ttl) {
        return as(() -> token, Map.of("X-Vault-Wrap-TTL", ttl.toSeconds() + "s"));
    }

    /** The API without a token: logins, and what a PKI mount shows everybody. */
    public Vault asNobody() {
        return as(NO_TOKEN);
    }

    /** How the server is. Asked without token and namespace. */
    public VaultHealth health() {
        VaultExchange exchange = exchange(Map.of());
        try {
            new Logical(configuration(exchange, NO_TOKEN, Optional.empty())).read("sys/health");
        } catch (io.github.jopenlibs.vault.VaultException e) {
            // The driver takes some answers (474, 530) for failures; what counts is the status below.
        }
        return new VaultHealth(
                exchange.response().map(VaultExchange.Response::status).orElse(0));
    }

    @Override
    public void close() {
        client.shutdownNow();
    }

    /** Host and port; never a token. */
    @Override
    public String toString() {
        return "vault " + settings.address();
    }

    private Vault as(Supplier<String> token, Map<String, String> headers) {
        return new Vault() {
            @Override
            public VaultAnswer read(String path) throws VaultException {
                return call("GET " + path, token, headers, logical -> logical.read(path));
            }

            @Override
            public VaultAnswer list(String path) throws VaultException {
                return call("LIST " + path, token, headers, logical -> logical.list(path));
            }

            @Override
            public VaultAnswer write(String path, Map<String, ?> fields) throws VaultException {
                Map<String, Object> body = new LinkedHashMap<>();
                fields.forEach((key, value) -> body.put(key, toJson(value)));
                return call("POST " + path, token, headers, logical -> logical.write(path, body));
            }

            @Override
            public VaultAnswer delete(String path) throws VaultException {
                return call("DELETE " + path, token, headers, logical -> logical.delete(path));
            }
        };
    }

    /** What the driver returns is of no use: its exceptions and maps depend on the verb. The exchange knows what was answered. */
    @FunctionalInterface
    private interface Operation {
        Object of(Logical logical) throws io.github.jopenlibs.vault.VaultException;
    }

    private VaultAnswer call(String what, Supplier<String> token, Map<String, String> headers, Operation operation)
            throws VaultException {
        VaultExchange exchange = exchange(headers);
        Throwable failure = null;
        try {
            operation.of(new Logical(configuration(exchange, token.get(), settings.namespace())));
        } catch (io.github.jopenlibs.vault.VaultException e) {
            failure = e;
        }
        Optional<VaultExchange.Response> response = exchange.response();
        if (response.isEmpty()) {
            throw Failures.unreachable(what, settings.address(), Optional.ofNullable(failure));
        }
        return answer(what, response.get());
    }

    private VaultExchange exchange(Map<String, String> headers) {
        return new VaultExchange(client, Duration.ofSeconds(CALL_SECONDS_MAX), headers);
    }

    /** Complete, so that the driver looks nothing up in the environment; its own TLS settings are empty because the client is ours. */
    private VaultConfig configuration(VaultExchange exchange, String token, Optional<String> namespace)
            throws io.github.jopenlibs.vault.VaultException {
        VaultConfig configuration = new VaultConfig()
                .address(settings.address().toString())
                .token(token)
                .engineVersion(ENGINE_VERSION)
                .sslConfig(new SslConfig())
                .openTimeout(CONNECT_SECONDS_MAX)
                .readTimeout(CALL_SECONDS_MAX)
                .httpClient(exchange);
        return namespace.isPresent() ? configuration.nameSpace(namespace.get()) : configuration;
    }

    private static VaultAnswer answer(String what, VaultExchange.Response response) throws VaultException {
        JsonObject json = json(response.body());
        int status = response.status();
        if (status / 100 != 2) {
            List<String> errors =
                    toList(json.get("errors")).stream().map(String::valueOf).toList();
            throw Failures.of(what, status, errors, response.headers().firstValue("Retry-After"));
        }
        if (status != 204 && json.isEmpty()) {
            throw Failures.foreign(what, status);
        }
        return new VaultAnswer(
                status,
                toMap(json.get(wrapped(json) ? "wrap_info" : "data")),
                toMap(json.get("auth")),
                toList(json.get("warnings")).stream().map(String::valueOf).toList());
    }

    private static boolean wrapped(JsonObject json) {
        JsonValue info = json.get("wrap_info");
        return info != null && info.isObject();
    }

    /** Empty for what is none: a proxy in between answers in HTML. */
    private static JsonObject json(String body) {
        try {
            JsonValue value = Json.parse(body);
            return value.isObject() ? value.asObject() : new JsonObject();
        } catch (RuntimeException e) {
            return new JsonObject();
        }
    }

    /** The driver drops what it does not know, silently; here that is the caller's mistake. */
    private static JsonValue toJson(Object value) {
        return switch (value) {
            case String text -> Json.value(text);
            case Boolean bool -> bool ? Json.TRUE : Json.FALSE;
            case Integer number -> Json.value(number);
            case Long number -> Json.value(number);
            case List<?> list -> {
                JsonArray array = new JsonArray();
                list.forEach(item -> array.add(toJson(item)));
                yield array;
            }
            case Map<?, ?> map -> {
                JsonObject object = new JsonObject();
                map.forEach((key, item) -> object.add(String.valueOf(key), toJson(item)));
                yield object;
            }
            default -> throw new IllegalArgumentException("a field of type " + value.getClass());
        };
    }

    private static Map<String, Object> toMap(@Nullable JsonValue value) {
        Map<String, Object> map = new LinkedHashMap<>();
        if (value != null && value.isObject()) {
            for (JsonObject.Member member : value.asObject()) {
                if (!member.getValue().isNull()) {
                    map.put(member.getName(), toJava(member.getValue()));
                }
            }
        }
        return map;
    }

    private static List<Object> toList(@Nullable JsonValue value) {
        List<Object> list = new ArrayList<>();
        if (value != null && value.isArray()) {
            for (JsonValue item : value.asArray()) {
                list.add(toJava(item));
            }
        }
        return list;
    }

    private static Object toJava(JsonValue value) {
        if (value.isObject()) {
            return toMap(value);
        }
        if (value.isArray()) {
            return toList(value);
        }
        if (value.isString()) {
            return value.asString();
        }
        if (value.isNumber()) {
            return toNumber(value);
        }
        return value.isTrue();
    }

    private static Object toNumber(JsonValue value) {
        try {
            return value.asLong();
        } catch (NumberFormatException e) {
            return value.asDouble();
        }
    }
}
