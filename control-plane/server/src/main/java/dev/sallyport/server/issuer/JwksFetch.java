package dev.sallyport.server.issuer;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sallyport.policy.Mesh;
import dev.sallyport.server.fetch.Fetch;
import dev.sallyport.server.fetch.Targets;
import java.io.IOException;
import java.net.URI;
import java.util.Optional;

/** Gets an issuer's public signing keys, by OpenID Connect discovery or from its {@code jwksUri}. Blocks; at most two documents. */
final class JwksFetch implements KeyFollower.Source {
    private final Fetch fetch;

    JwksFetch(Fetch fetch) {
        this.fetch = fetch;
    }

    @Override
    public KeySet keysOf(Mesh.Issuer issuer) throws IOException, InterruptedException {
        Optional<String> configured = issuer.keys().jwksUri();
        Targets targets = new Targets(
                URI.create(configured.orElse(issuer.issuer())), issuer.keys().privateAddresses());
        String address = configured.isPresent() ? configured.get() : discover(issuer.issuer(), targets);
        return KeySetReader.read(fetch.json(address, targets), address, issuer.algorithms());
    }

    private String discover(String issuer, Targets targets) throws IOException, InterruptedException {
        // OpenID Connect Discovery section 4: a trailing slash of the issuer is removed first.
        String base = issuer.endsWith("/") ? issuer.substring(0, issuer.length() - 1) : issuer;
        String address = base + "/.well-known/openid-configuration";
        JsonNode configuration = PublishedJson.object(fetch.json(address, targets), address);
        // Section 4.3. Else one tenant of a provider could answer for another.
        String said = PublishedJson.text(configuration, "issuer");
        if (!said.equals(issuer)) {
            throw new IOException(address + ": issuer: " + Shown.word(said) + " (expected: exactly " + issuer + ")");
        }
        String jwksUri = PublishedJson.text(configuration, "jwks_uri");
        if (jwksUri.isEmpty()) {
            throw new IOException(address + ": jwks_uri: missing");
        }
        return jwksUri;
    }
}
