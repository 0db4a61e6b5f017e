package dev.sallyport.authority;

import dev.sallyport.authority.CertificateTemplate.Validity;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidPublisher;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustBundle;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/** An intermediate whose key is here, and the leaves that it signs: P-256, one URI SAN, 128-bit random serial, back-dated 6 min. Any thread. */
final class LeafSigner {
    private static final Duration PROOF_LIFE = Duration.ofMinutes(1);

    private final Signer intermediate;
    private final TrustBundle bundle;
    private final SvidVerifier verifier;
    private final Clock clock;

    LeafSigner(Signer intermediate, TrustBundle bundle, Clock clock) throws IOException {
        this.intermediate = intermediate;
        this.bundle = bundle;
        this.clock = clock;
        this.verifier = verifier(bundle, clock);
    }

    /** Judges leaves as every peer does. */
    static SvidVerifier verifier(TrustBundle bundle, Clock clock) throws IOException {
        var own = new SvidPublisher(clock);
        try {
            own.publishBundles(List.of(bundle));
        } catch (SvidRejectedException e) {
            throw new IOException(e.getMessage(), e);
        }
        return new SvidVerifier(own.source(), clock);
    }

    IssuedCertificate issue(byte[] csrDer, SpiffeId id, Duration life) throws IssuanceRefusedException {
        if (!id.trustDomain().equals(bundle.trustDomain())) {
            throw new IssuanceRefusedException(
                    "identity: " + id + " (expected: one of trust domain " + bundle.trustDomain() + ")");
        }
        SigningRequest request = SigningRequest.parse(csrDer);
        Instant now = clock.instant();
        Validity validity = Issuance.validity(now, life, intermediate.validity());
        try {
            var leaf = CertificateTemplate.workload(intermediate.name(), validity, request.publicKey(), id);
            X509Certificate signed = intermediate.sign(leaf, request.publicKey());
            List<X509Certificate> chain = Stream.concat(Stream.of(signed), intermediate.chain().stream())
                    .toList();
            SpiffeId proven = verifier.verify(FreshLeaf.first(chain));
            if (!proven.equals(id)) {
                throw new IssuanceRefusedException("issued certificate: names " + proven + " (expected: " + id + ")");
            }
            return new IssuedCertificate(chain);
        } catch (SvidRejectedException | IOException e) {
            throw new IssuanceRefusedException("issued certificate: would not be accepted: " + e.getMessage());
        }
    }

    Signer intermediate() {
        return intermediate;
    }

    /** Signs and verifies a throw-away leaf: what is wrong with the files or the name shows now, not at the first enrolment. */
    void prove() throws IssuanceRefusedException {
        byte[] request = CertificateSigningRequest.der(CertificateSigningRequest.newKeyPair());
        issue(request, SpiffeId.controlPlane(bundle.trustDomain()), PROOF_LIFE);
    }
}
