package dev.sallyport.server.issuer;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyOperation;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import dev.sallyport.policy.Mesh;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Gets an issuer's public signing keys, by OpenID Connect discovery or from its {@code jwksUri}. What an address from a document or an answer could make us do is bounded: https,
 * or http to loopback only; no link-local, wildcard or multicast target after name resolution; redirects under the same rules; size, count and time limits. Blocking.
 */
final class JwksFetch {
    static final int BYTES_MAX = 256 * 1024;
    static final int KEYS_MAX = 32;
    private static final int REDIRECTS_MAX = 3;
    private static final Duration CONNECT_WITHIN = Duration.ofSeconds(3);
    private static final Duration ANSWER_WITHIN = Duration.ofSeconds(10);
    /** Shorter RSA keys are not trusted with anybody's identity. RFC 7518 section 3.3. */
    private static final int RSA_BITS_MIN = 2048;

    private final HttpClient http;
    private final ObjectMapper json = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    JwksFetch() {
        http = HttpClient.newBuilder()
                .connectTimeout(CONNECT_WITHIN)
                .followRedirects(HttpClient.Redirect.NEVER)
                .build();
    }

    /** A JSON Web Key Set of public keys only, at least one. IOException says what was wrong. */
    String keysOf(Mesh.Issuer issuer) throws IOException, InterruptedException {
        Optional<String> configured = issuer.keys().jwksUri();
        String address = configured.isPresent() ? configured.get() : discover(issuer.issuer());
        return publicKeys(get(address), address);
    }

    private String discover(String issuer) throws IOException, InterruptedException {
        // OpenID Connect Discovery section 4: a trailing slash of the issuer is removed first.
        String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
        String address = base + "/.well-known/openid-configuration";
        JsonNode configuration = json.readTree(get(address));
        String said = configuration.path("issuer").asText();
        if (!said.equals(issuer)) {
            throw new IOException(address + ": issuer: " + said + " (expected: exactly " + issuer + ")");
        }
        String jwksUri = configuration.path("jwks_uri").asText();
        if (jwksUri.isEmpty()) {
            throw new IOException(address + ": jwks_uri: missing");
        }
        return jwksUri;
    }

    private byte[] get(String address) throws IOException, InterruptedException {
        URI target = uri(address);
        for (int redirects = 0; redirects <= REDIRECTS_MAX; redirects++) {
            refuseBadTarget(target);
            HttpRequest request = HttpRequest.newBuilder(target)
                    .timeout(ANSWER_WITHIN)
                    .header("accept", "application/json")
                    .build();
            HttpResponse<InputStream> answer = send(request);
            try (InputStream body = answer.body()) {
                Optional<String> location = answer.headers().firstValue("location");
                if (answer.statusCode() >= 300 && answer.statusCode() < 400 && location.isPresent()) {
                    target = target.resolve(uri(location.get()));
                    continue;
                }
                if (answer.statusCode() != 200) {
                    throw new IOException(target + ": status " + answer.statusCode() + " (expected: 200)");
                }
                return bounded(body, target);
            }
        }
        throw new IOException(address + ": more than " + REDIRECTS_MAX + " redirects");
    }

    private HttpResponse<InputStream> send(HttpRequest request) throws IOException, InterruptedException {
        try {
            return http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw new IOException(request.uri() + ": no answer: " + e, e);
        }
    }

    private static byte[] bounded(InputStream body, URI target) throws IOException {
        byte[] bytes = body.readNBytes(BYTES_MAX + 1);
        if (bytes.length > BYTES_MAX) {
            throw new IOException(target + ": more than " + BYTES_MAX + " bytes");
        }
        return bytes;
    }

    private static URI uri(String address) throws IOException {
        try {
            return URI.create(address);
        } catch (IllegalArgumentException e) {
            throw new IOException(address + ": no URI", e);
        }
    }

    /** For https the server's certificate makes a later change of the name's address harmless; plain http never leaves this machine. */
    private static void refuseBadTarget(URI target) throws IOException {
        String host = target.getHost();
        boolean https = "https".equals(target.getScheme());
        if (host == null || target.getUserInfo() != null || !(https || "http".equals(target.getScheme()))) {
            throw new IOException(target + " (expected: https://host/…, or http to a loopback address)");
        }
        for (InetAddress address : InetAddress.getAllByName(host)) {
            boolean forbidden =
                    address.isLinkLocalAddress() || address.isAnyLocalAddress() || address.isMulticastAddress();
            if (forbidden || (!https && !address.isLoopbackAddress())) {
                throw new IOException(target + ": " + address.getHostAddress()
                        + " (expected: https to a routable address, or http to a loopback address)");
            }
        }
    }

    private static String publicKeys(byte[] body, String address) throws IOException {
        JWKSet set;
        try {
            set = JWKSet.parse(new String(body, StandardCharsets.UTF_8));
        } catch (ParseException e) {
            throw new IOException(address + ": no JSON Web Key Set: " + e.getMessage(), e);
        }
        if (set.size() > KEYS_MAX) {
            throw new IOException(address + ": " + set.size() + " keys (expected: at most " + KEYS_MAX + ")");
        }
        List<JWK> usable = set.getKeys().stream()
                .filter(JwksFetch::signs)
                .map(JWK::toPublicJWK)
                .toList();
        if (usable.isEmpty()) {
            throw new IOException(address + ": no EC or RSA signing key among " + set.size());
        }
        return new JWKSet(usable).toString(true);
    }

    private static boolean signs(JWK key) {
        boolean kind = key instanceof ECKey || (key instanceof RSAKey rsa && rsa.size() >= RSA_BITS_MIN);
        boolean use = key.getKeyUse() == null || key.getKeyUse().equals(KeyUse.SIGNATURE);
        boolean operations =
                key.getKeyOperations() == null || key.getKeyOperations().contains(KeyOperation.VERIFY);
        return kind && use && operations;
    }
}
