package dev.sallyport.server.issuance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sallyport.authoring.WorkingTree;
import dev.sallyport.authority.AuthorityKind;
import dev.sallyport.authority.AuthorityUnavailableException;
import dev.sallyport.authority.CertificateAuthority;
import dev.sallyport.authority.EmbeddedAuthority;
import dev.sallyport.authority.IssuanceRefusedException;
import dev.sallyport.authority.IssuedCertificate;
import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.authority.Standing;
import dev.sallyport.contract.Wire;
import dev.sallyport.document.Source;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Revocations;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.policy.DocumentSet;
import dev.sallyport.server.ca.Authorities;
import dev.sallyport.server.ca.SigningPause;
import dev.sallyport.server.mesh.MeshState;
import dev.sallyport.server.mesh.PolicyVersion;
import dev.sallyport.server.store.Store;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rotation that goes on while the authority which it leaves still signs. */
class LeftAuthorityTest {
    private static final TrustDomain DOMAIN = new TrustDomain("small.example");
    private static final SpiffeId BACK = new SpiffeId(DOMAIN, "/sa/back");
    private static final String MESH = """
            apiVersion: sallyport.dev/v1
            kind: Mesh
            metadata: {name: small}
            spec:
              trustDomain: small.example
              services:
                back: {identity: spiffe://small.example/sa/back, ports: {8080: http}}
            """;

    @TempDir
    private Path folder;

    /** Signs, and then lets something happen. */
    private record Slow(CertificateAuthority signer, Runnable then) implements CertificateAuthority {
        @Override
        public IssuedCertificate issue(byte[] csrDer, SpiffeId id, Duration life)
                throws IssuanceRefusedException, AuthorityUnavailableException {
            IssuedCertificate issued = signer.issue(csrDer, id, life);
            then.run();
            return issued;
        }

        @Override
        public TrustBundle trustBundle() {
            return signer.trustBundle();
        }

        @Override
        public Standing standing() {
            return signer.standing();
        }
    }

    private static void phase(Store store, String phase) {
        store.change(handle -> handle.execute(
                "insert or replace into ca_rotations (id, subject, from_generation, to_generation, phase, changed_at, started_by, started_at)"
                        + " values (1, 'root', 1, 2, ?, 0, '', 0)",
                phase));
    }

    @Test
    void certificateThatWasSignedTooLateIsNotHandedOutAndTheTokenStaysGood() throws Exception {
        KeyPair keys = CertificateSigningRequest.newKeyPair();
        Clock clock = Clock.systemUTC();
        KeyEncryption encryption = KeyEncryption.fromFile(folder.resolve("ca.key"));
        String[] during = {"re-issue"};
        try (Store store = Store.open(folder)) {
            Authorities authorities = Authorities.open(
                    store,
                    DOMAIN,
                    folder.resolve("ca"),
                    AuthorityKind.EMBEDDED,
                    (_, at) -> new Slow(
                            EmbeddedAuthority.open(at, DOMAIN, encryption, clock), () -> phase(store, during[0])),
                    clock);
            IssuanceParts parts = parts(store, authorities, clock);
            String token = new JoinTokens(store)
                    .create("back", BACK, "a", Instant.now(), Instant.now().plusSeconds(600));
            Wire.Enrolment request =
                    new Wire.Enrolment(Wire.JOIN_TOKEN, token, CertificateSigningRequest.pem(keys), "i1");
            during[0] = "retire";
            assertThatThrownBy(() -> parts.issuance().enrol(request)).isInstanceOf(AuthorityUnavailableException.class);
            assertThat(parts.certificates().valid(Instant.now(), 10)).isEmpty();
            during[0] = "re-issue";
            assertThat(parts.issuance().enrol(request).chainPem()).contains("BEGIN CERTIFICATE");
            assertThat(parts.certificates().valid(Instant.now(), 10)).hasSize(1);
            parts.close();
        }
    }

    private static IssuanceParts parts(Store store, Authorities authorities, Clock clock) throws Exception {
        DocumentSet set = WorkingTree.load(List.of(new Source("mesh.yaml", MESH)), clock.instant())
                .set();
        MeshState state = new MeshState(
                Optional.of(new PolicyVersion(1, List.of(), set, set.digest())),
                new TreeMap<>(),
                new TreeMap<>(),
                authorities.bundle(),
                Revocations.NONE,
                clock.instant());
        return new IssuanceParts(
                new IssuanceParts.Settings(Duration.ofHours(24), Map.of(), Optional.empty()),
                store,
                authorities,
                _ -> Optional.empty(),
                DOMAIN,
                () -> state,
                new RevocationStore(store, clock),
                new SigningPause(System::nanoTime),
                clock,
                new SimpleMeterRegistry());
    }
}
