package dev.sallyport.cli.record;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.audit.AuditFields;
import dev.sallyport.audit.tlog.BadLeafException;
import dev.sallyport.audit.tlog.LeafReader;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.SealedBatch;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.SvidSource;
import dev.sallyport.identity.SvidVerifier;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import dev.sallyport.identity.X509Svid;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * Seals, with the certificates that prove them: a chain counts at the seal's own time and must end at an authority whose certificate stands in the log, or was given. One
 * thread.
 */
final class SealReader implements LeafReader {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String ROOT = "root";
    /** For reading roots alone. */
    private static final TrustDomain ANY = new TrustDomain("log");
    /** As many as a trust bundle takes. */
    private static final int ROOTS_MAX = 16;
    /** Seals whose root is not known yet. */
    private static final int WAITING_MAX = 10_000;

    /** A seal's certificates, which count at its own time. */
    private record Chain(long index, Instant at, List<X509Certificate> certificates) {}

    private final List<Chain> waiting = new ArrayList<>();
    private final Map<String, X509Certificate> roots = new LinkedHashMap<>();
    private final SvidVerifier verifier = new SvidVerifier(new Roots(), Clock.systemUTC());

    /** {@code given}: roots that count from the beginning, for a log whose own were pruned. */
    SealReader(List<X509Certificate> given) {
        given.forEach(this::add);
    }

    @Override
    public Sealed seal(long index, byte[] leaf) throws BadLeafException {
        JsonNode json = parse(leaf);
        try {
            SealedBatch.Seal seal = SealedBatch.Seal.parse(JSON.writeValueAsBytes(json.path(AuditFields.SEAL)));
            List<X509Certificate> chain = Pem.certificates(seal.chainPem());
            SpiffeId id = X509Svid.leafId(chain.getFirst());
            chain(new Chain(index, seal.at(), chain));
            if (!id.toString().equals(json.path(AuditFields.ACTOR_ID).asText())
                    || !seal.stream().equals(json.path(AuditFields.STREAM_ID).asText())) {
                throw new BadLeafException("seal of " + seal.stream() + ": the leaf names another stream or identity");
            }
            if (!seal.signedBy(chain.getFirst().getPublicKey())) {
                throw new BadLeafException("seal of " + seal.stream() + ": not signed with the key of its certificate");
            }
            return new Sealed(
                    id.toString(), seal.stream(), seal.first(), seal.last(), seal.previousHash(), seal.head());
        } catch (InvalidMessageException | SvidRejectedException | JsonProcessingException e) {
            throw new BadLeafException("seal: " + e.getMessage());
        }
    }

    /** Whether it proves its leaf, now or once a later leaf has named its root: a sidecar may be faster than the log's own first words. */
    private void chain(Chain chain) throws BadLeafException {
        try {
            verifier.verify(chain.certificates(), chain.at());
        } catch (SvidRejectedException e) {
            if (waiting.size() == WAITING_MAX) {
                throw new BadLeafException("seal: " + e.getMessage());
            }
            waiting.add(chain);
        }
    }

    @Override
    public void end() throws BadLeafException {
        for (Chain chain : waiting) {
            try {
                verifier.verify(chain.certificates(), chain.at());
            } catch (SvidRejectedException e) {
                throw new BadLeafException(
                        chain.index(),
                        "seal: " + e.getMessage()
                                + (roots.isEmpty() ? " (no authority stands in the log; expected: --ca FILE)" : ""));
            }
        }
    }

    @Override
    public OptionalLong other(byte[] leaf) throws BadLeafException {
        JsonNode json = parse(leaf);
        String event = json.path(AuditFields.EVENT_NAME).asText();
        if (event.equals(AuditFields.EVENT_CA)) {
            authority(json);
        }
        return event.equals(AuditFields.EVENT_PRUNE)
                ? OptionalLong.of(json.path(AuditFields.PRUNE_BELOW).asLong())
                : OptionalLong.empty();
    }

    private void authority(JsonNode json) throws BadLeafException {
        if (!json.path(AuditFields.CERTIFICATE_ROLE).asText().equals(ROOT)) {
            return;
        }
        try {
            String pem = json.path(AuditFields.CERTIFICATE).asText();
            TrustBundle.ofPem(ANY, pem).authorities().forEach(this::add);
        } catch (SvidRejectedException e) {
            throw new BadLeafException("authority: " + e.getMessage());
        }
    }

    /** The newest ones: a bundle has a bound, and a log lives longer than its roots. */
    private void add(X509Certificate root) {
        roots.put(X509Svid.fingerprintOf(root), root);
        if (roots.size() > ROOTS_MAX) {
            roots.remove(roots.keySet().iterator().next());
        }
    }

    private static JsonNode parse(byte[] leaf) throws BadLeafException {
        try {
            return JSON.readTree(leaf);
        } catch (IOException e) {
            throw new BadLeafException("neither a record nor JSON");
        }
    }

    /** Every root that was named so far, for whatever trust domain a chain claims: the log is one mesh's. */
    private final class Roots implements SvidSource {
        @Override
        public Optional<X509Svid> svid() {
            return Optional.empty();
        }

        @Override
        public Optional<TrustBundle> bundle(TrustDomain trustDomain) {
            return roots.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new TrustBundle(trustDomain, List.copyOf(roots.values())));
        }

        @Override
        public long generation() {
            return roots.size();
        }
    }
}
