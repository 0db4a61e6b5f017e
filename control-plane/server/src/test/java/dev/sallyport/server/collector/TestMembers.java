package dev.sallyport.server.collector;

import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.fetch.Fetch;
import dev.sallyport.server.fetch.Targets;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** A mesh as the collector sees it: a real authority, the members that it signed for, who of them is there, and whoever answers for a witness. */
public final class TestMembers implements Surroundings {
    public static final TrustDomain TRUST_DOMAIN = new TrustDomain("small.example");

    /** What a sidecar seals with. */
    public record Member(SpiffeId id, String instance, String chainPem, PrivateKey key) {}

    final List<PresentSidecar> present = new CopyOnWriteArrayList<>();
    volatile WitnessClient.Transport witness = (_, _) -> {
        throw new IOException("nobody is there");
    };

    private final EmbeddedAuthority authority;
    private final Map<String, String> inventory = new ConcurrentHashMap<>();
    private final Map<SpiffeId, String> services = new HashMap<>();

    public TestMembers(Path folder, Clock clock) throws IOException {
        authority = EmbeddedAuthority.open(
                folder.resolve("ca"), TRUST_DOMAIN, KeyEncryption.fromFile(folder.resolve("ca.key")), clock);
    }

    /** Signs for an instance of a service. */
    public Member member(String service, String instance) throws Exception {
        return member(service, instance, Duration.ofHours(1));
    }

    Member member(String service, String instance, Duration life) throws Exception {
        SpiffeId id = new SpiffeId(TRUST_DOMAIN, "/sa/" + service);
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        List<X509Certificate> chain =
                authority.issue(CertificateSigningRequest.der(keys), id, life).chain();
        inventory.put(X509Svid.serialOf(chain.getFirst()), instance);
        services.put(id, service);
        return new Member(id, instance, Pem.encode(chain), keys.getPrivate());
    }

    void forget(SpiffeId id) {
        services.remove(id);
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
        return Optional.ofNullable(services.get(identity));
    }

    @Override
    public List<PresentSidecar> present() {
        return present;
    }

    @Override
    public Fetch.Answer post(Targets targets, byte[] body) throws IOException, InterruptedException {
        return witness.post(targets, body);
    }
}
