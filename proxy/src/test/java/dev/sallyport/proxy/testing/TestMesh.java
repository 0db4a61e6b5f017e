package dev.sallyport.proxy.testing;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.contract.JoinFile;
import dev.sallyport.contract.KeyList;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.SignedSnapshot;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.HostPort;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.document.Source;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.InvalidSpiffeIdException;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.policy.DocumentSet;
import java.io.IOException;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.List;
import java.util.TreeMap;

/** One mesh, {@code shop}, in trust domain {@code shop.example}. */
public final class TestMesh {
    public static final String MESH = "shop";
    public static final String TOKEN = "a-good-token";

    private static final String DOCUMENTS = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: shop}
            spec:
              trustDomain: shop.example
              services:
                orders:  {identity: spiffe://shop.example/ns/shop/sa/orders,  ports: {8080: http}}
                payment: {identity: spiffe://shop.example/ns/shop/sa/payment, ports: {8080: http}}
            ---
            apiVersion: sallyport.dev/v1
            kind: RoutePolicy
            metadata: {name: orders}
            spec:
              service: orders
              routes:
                list:
                  match: GET /orders
                  allow:
                    payment: {from: [payment], user: none}
            """;

    private final Path folder;
    private final TrustDomain trustDomain;
    private final EmbeddedAuthority authority;
    private final ECKey rootKey;
    private final ECKey signingKey;

    public TestMesh(Path folder) {
        this.folder = folder;
        try {
            trustDomain = TrustDomain.parse("shop.example");
            authority = open(Clock.systemUTC());
            rootKey = new ECKeyGenerator(Curve.P_256).keyID("root").generate();
            signingKey = new ECKeyGenerator(Curve.P_256).keyID("signing").generate();
        } catch (IOException | InvalidSpiffeIdException | JOSEException e) {
            throw new AssertionError(e);
        }
    }

    public SpiffeId controlPlane() {
        return SpiffeId.controlPlane(trustDomain);
    }

    public SpiffeId id(String service) {
        try {
            return trustDomain.id("/ns/shop/sa/" + service);
        } catch (InvalidSpiffeIdException e) {
            throw new AssertionError(e);
        }
    }

    public TrustBundle bundle() {
        return authority.trustBundle();
    }

    public IssuedCertificate sign(byte[] csr, SpiffeId id) throws IssuanceRefusedException {
        return authority.issue(csr, id, Duration.ofHours(24));
    }

    /** What a control plane answers to a CSR in PEM. */
    public String chainPem(String csrPem, SpiffeId id) {
        return chainPem(csrPem, id, Duration.ZERO, Duration.ofHours(24));
    }

    /** The same by an authority whose clock is {@code ahead}. */
    public String chainPem(String csrPem, SpiffeId id, Duration ahead, Duration life) {
        String base64 = csrPem.lines().filter(line -> !line.startsWith("-")).reduce("", String::concat);
        try {
            return Pem.encode(open(Clock.offset(Clock.systemUTC(), ahead))
                    .issue(Base64.getDecoder().decode(base64), id, life)
                    .chain());
        } catch (IOException | IssuanceRefusedException e) {
            throw new AssertionError(e);
        }
    }

    private EmbeddedAuthority open(Clock clock) throws IOException {
        return EmbeddedAuthority.open(
                folder.resolve("ca"), trustDomain, KeyEncryption.fromFile(folder.resolve("keys/ca.key")), clock);
    }

    public X509Svid svid(SpiffeId id) {
        return svid(id, Duration.ofHours(24));
    }

    public X509Svid svid(SpiffeId id, Duration life) {
        try {
            KeyPair key = CertificateSigningRequest.newKeyPair();
            return X509Svid.of(
                    authority
                            .issue(CertificateSigningRequest.der(key), id, life)
                            .chain(),
                    key.getPrivate());
        } catch (IssuanceRefusedException | SvidRejectedException e) {
            throw new AssertionError(e);
        }
    }

    /** Live with the bundle of this mesh and an SVID for {@code id}. */
    public SvidPublisher publisher(SpiffeId id) {
        try {
            SvidPublisher publisher = new SvidPublisher();
            publisher.publishBundles(List.of(bundle()));
            publisher.publish(svid(id));
            return publisher;
        } catch (SvidRejectedException e) {
            throw new AssertionError(e);
        }
    }

    public JoinFile joinFile(HostPort controlPlane, HostPort enrolment, String token) {
        return new JoinFile(
                MESH,
                "orders",
                id("orders"),
                controlPlane,
                enrolment,
                bundle(),
                List.of(rootKey.toPublicJWK()),
                token,
                Instant.now().plusSeconds(3600).truncatedTo(ChronoUnit.SECONDS));
    }

    /** For whoever needs root keys only. */
    public JoinFile joinFile() {
        HostPort nowhere = new HostPort("127.0.0.1", 1);
        return joinFile(nowhere, nowhere, TOKEN);
    }

    public String keyList(long epoch) {
        return new KeyList(MESH, epoch, List.of(signingKey.toPublicJWK())).sign(rootKey);
    }

    public MeshSnapshot snapshot(long revision) {
        return snapshot(revision, id("orders"), Instant.now().plusSeconds(3600), List.of(bundle()));
    }

    public MeshSnapshot snapshot(long revision, SpiffeId recipient, Instant validUntil, List<TrustBundle> bundles) {
        return snapshot(revision, recipient, validUntil, bundles, Revocations.NONE);
    }

    /** One that takes something back. */
    public MeshSnapshot revoking(long revision, Revocations revocations) {
        return snapshot(revision, id("orders"), Instant.now().plusSeconds(3600), List.of(bundle()), revocations);
    }

    /** One with so many routes more, each with a rule. */
    public MeshSnapshot snapshot(long revision, int rules) {
        StringBuilder documents = new StringBuilder(DOCUMENTS);
        for (int i = 0; i < rules; i++) {
            documents.append(
                    "    r%1$d: {match: \"GET /r%1$d/{id}\", allow: {payment: {from: [payment], user: none}}}\n"
                            .formatted(i));
        }
        return snapshot(
                revision,
                id("orders"),
                Instant.now().plusSeconds(3600),
                List.of(bundle()),
                Revocations.NONE,
                documents.toString());
    }

    private MeshSnapshot snapshot(
            long revision, SpiffeId recipient, Instant validUntil, List<TrustBundle> bundles, Revocations revocations) {
        return snapshot(revision, recipient, validUntil, bundles, revocations, DOCUMENTS);
    }

    private MeshSnapshot snapshot(
            long revision,
            SpiffeId recipient,
            Instant validUntil,
            List<TrustBundle> bundles,
            Revocations revocations,
            String text) {
        try {
            DocumentSet documents =
                    DocumentSet.load(List.of(new Source("shop.yaml", text))).concerning("orders");
            Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
            return new MeshSnapshot(
                    MESH,
                    recipient,
                    "orders",
                    1,
                    revision,
                    now,
                    validUntil.truncatedTo(ChronoUnit.MILLIS),
                    new MeshSnapshot.Trust(bundles),
                    new MeshSnapshot.Keys(new TreeMap<>()),
                    revocations,
                    new MeshSnapshot.Policy(documents.toJson(), documents.digest()),
                    new MeshSnapshot.Endpoints(new TreeMap<>()));
        } catch (InvalidDocumentException e) {
            throw new AssertionError(e);
        }
    }

    public Wire.Down.Snapshot signed(MeshSnapshot snapshot) {
        return new Wire.Down.Snapshot(keyList(1), SignedSnapshot.sign(snapshot, signingKey));
    }

    /** Signed by a key that no key list names. */
    public Wire.Down.Snapshot forged(MeshSnapshot snapshot) {
        try {
            ECKey stranger = new ECKeyGenerator(Curve.P_256).keyID("signing").generate();
            return new Wire.Down.Snapshot(keyList(1), SignedSnapshot.sign(snapshot, stranger));
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }
}
