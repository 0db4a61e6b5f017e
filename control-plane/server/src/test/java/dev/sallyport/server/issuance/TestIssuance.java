package dev.sallyport.server.issuance;

import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.authority.RevokingAuthority;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.Source;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.server.ca.Authorities;
import dev.sallyport.server.ca.SigningPause;
import dev.sallyport.server.mesh.MeshState;
import dev.sallyport.server.mesh.PolicyVersion;
import dev.sallyport.server.store.Store;
import dev.sallyport.server.testing.AuthorityBetween;
import dev.sallyport.server.testing.SetClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** Issuance on a real store with a real authority, without a wire; what the authority does can be interrupted, and the clock is set by hand. */
final class TestIssuance implements AutoCloseable {
    static final TrustDomain TRUST_DOMAIN = new TrustDomain("small.example");
    static final SpiffeId FRONT = new SpiffeId(TRUST_DOMAIN, "/sa/front");
    static final SpiffeId BACK = new SpiffeId(TRUST_DOMAIN, "/sa/back");
    static final RevocationStore.Act ACT = new RevocationStore.Act("administrator", "test");

    private static final String MESH = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: small}
            spec:
              trustDomain: small.example
              services:
                front: {identity: spiffe://small.example/sa/front, ports: {8080: http}}
                back: {identity: spiffe://small.example/sa/back, ports: {8080: http}}
            """;

    final SetClock clock = SetClock.now();
    final Store store;
    final RevocationStore revocations;
    final IssuanceParts parts;
    final JoinTokens tokens;
    /** What happens when the authority has signed. */
    final AtomicReference<AuthorityBetween.Moment> whileSigning = new AtomicReference<>(AuthorityBetween.Moment.NONE);
    /** Who is told of revocations. */
    final AtomicReference<Optional<RevokingAuthority>> told = new AtomicReference<>(Optional.empty());

    private final AtomicInteger instances = new AtomicInteger();
    private final SimpleMeterRegistry metrics = new SimpleMeterRegistry();

    TestIssuance(Path folder) throws Exception {
        this(folder, Map.of());
    }

    TestIssuance(Path folder, Map<String, Duration> leafLives) throws Exception {
        store = Store.open(folder);
        revocations = new RevocationStore(store, clock);
        tokens = new JoinTokens(store);
        KeyEncryption encryption = KeyEncryption.fromFile(folder.resolve("ca.key"));
        Authorities authorities = Authorities.open(
                store,
                TRUST_DOMAIN,
                folder.resolve("ca"),
                AuthorityKind.EMBEDDED,
                (_, at) -> new AuthorityBetween(
                        EmbeddedAuthority.open(at, TRUST_DOMAIN, encryption, clock),
                        AuthorityBetween.Moment.NONE,
                        () -> whileSigning.get().happen()),
                clock);
        DocumentSet set = WorkingTree.load(List.of(new Source("mesh.yaml", MESH)), clock.instant())
                .set();
        MeshState state = new MeshState(
                Optional.of(new PolicyVersion(1, List.of(), set, set.digest())),
                new TreeMap<>(),
                new TreeMap<>(),
                authorities.bundle(),
                Revocations.NONE,
                clock.instant());
        parts = new IssuanceParts(
                new IssuanceParts.Settings(Duration.ofHours(24), leafLives, Optional.empty()),
                store,
                authorities,
                _ -> told.get(),
                TRUST_DOMAIN,
                () -> state,
                revocations,
                new SigningPause(System::nanoTime),
                clock,
                metrics);
    }

    String token(String service, SpiffeId identity) {
        return tokens.create(
                service,
                identity,
                "administrator",
                clock.instant(),
                clock.instant().plus(Duration.ofHours(1)));
    }

    /** A certificate as its holder has it. */
    record Held(X509Certificate leaf, Instant renewAt, String instance) {
        Peer peer() throws Exception {
            return new Peer(
                    X509Svid.leafId(leaf),
                    X509Svid.serialOf(leaf),
                    leaf.getNotAfter().toInstant());
        }

        String serial() {
            return X509Svid.serialOf(leaf);
        }
    }

    Held enrol(String token, KeyPair keys) throws Exception {
        String instance = "i" + instances.incrementAndGet();
        return held(
                parts.issuance()
                        .enrol(new Wire.Enrolment(
                                Wire.JOIN_TOKEN, token, CertificateSigningRequest.pem(keys), instance)),
                instance);
    }

    Held enrolled(String service, SpiffeId identity) throws Exception {
        return enrol(token(service, identity), CertificateSigningRequest.newKeyPair());
    }

    Held renew(Held current, KeyPair keys) throws Exception {
        Wire.Renewal renewal = new Wire.Renewal(CertificateSigningRequest.pem(keys), current.instance());
        return held(parts.issuance().renew(current.peer(), renewal), current.instance());
    }

    private static Held held(Wire.Issued issued, String instance) throws Exception {
        return new Held(Pem.certificates(issued.chainPem()).getFirst(), issued.renewAt(), instance);
    }

    List<CertificateEvent> events() {
        return parts.events().since(Instant.EPOCH, "", 1_000_000);
    }

    double alarms() {
        return metrics.counter("sallyport_issuance_alarms").count();
    }

    @Override
    public void close() {
        parts.close();
        store.close();
    }
}
