package dev.sallyport.benchmarks.collector;

import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.collector.PresentSidecar;
import dev.sallyport.server.collector.Surroundings;
import dev.sallyport.server.fetch.Fetch;
import dev.sallyport.server.fetch.Targets;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** A service with many instances, each with a certificate of a real authority. */
final class MadeMesh implements Surroundings {
    static final String SERVICE = "orders";
    private static final TrustDomain TRUST_DOMAIN = new TrustDomain("bench.example");
    static final SpiffeId ID = new SpiffeId(TRUST_DOMAIN, "/sa/" + SERVICE);

    /** What one of them seals with. */
    record Member(String instance, String chainPem, PrivateKey key) {}

    private final EmbeddedAuthority authority;
    private final Map<String, String> inventory = new ConcurrentHashMap<>();

    MadeMesh(Path folder) throws IOException {
        authority = EmbeddedAuthority.open(
                folder.resolve("ca"),
                TRUST_DOMAIN,
                KeyEncryption.fromFile(folder.resolve("ca.key")),
                Clock.systemUTC());
    }

    Member member(String instance) throws IOException {
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        try {
            List<X509Certificate> chain = authority
                    .issue(CertificateSigningRequest.der(keys), ID, Duration.ofHours(1))
                    .chain();
            inventory.put(X509Svid.serialOf(chain.getFirst()), instance);
            return new Member(instance, Pem.encode(chain), keys.getPrivate());
        } catch (IssuanceRefusedException e) {
            throw new IOException("the embedded authority refused: " + e.getMessage(), e);
        }
    }

    @Override
    public TrustBundle bundle() {
        return authority.trustBundle();
    }

    @Override
    public List<X509Certificate> intermediates() {
        return List.of(authority.standing().issuer());
    }

    @Override
    public Optional<String> instanceOf(String serial) {
        return Optional.ofNullable(inventory.get(serial));
    }

    @Override
    public Optional<String> serviceOf(SpiffeId identity) {
        return identity.equals(ID) ? Optional.of(SERVICE) : Optional.empty();
    }

    @Override
    public List<PresentSidecar> present() {
        return List.of();
    }

    @Override
    public Fetch.Answer post(Targets targets, byte[] body) throws IOException {
        throw new IOException("there is no witness");
    }
}
