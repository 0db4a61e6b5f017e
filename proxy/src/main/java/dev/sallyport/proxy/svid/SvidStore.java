package dev.sallyport.proxy.svid;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.identity.CertificateSigningRequest;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.state.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.interfaces.ECPublicKey;
import java.text.ParseException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * The SVID on disk: {@code svid.pem}, {@code svid.key} and {@code renew-at}, each 0600. Two files cannot be replaced at once, so the new key is first written as
 * {@code svid.key.next}; the rename of the chain is the moment that counts, and {@link #load} ends what a crash left half done. Blocking; one thread.
 */
public final class SvidStore {
    /** The SVID and when to ask for the next. */
    public record Stored(X509Svid svid, Instant renewAt) {}

    private final Path chain;
    private final Path key;
    private final Path nextKey;
    private final Path renewAt;
    private final Path pending;

    /** {@code folder}: {@code <state>/identity}. */
    public SvidStore(Path folder) {
        this.chain = folder.resolve("svid.pem");
        this.key = folder.resolve("svid.key");
        this.nextKey = folder.resolve("svid.key.next");
        this.renewAt = folder.resolve("renew-at");
        this.pending = folder.resolve("pending.jwk");
    }

    /** Empty before the first enrolment. Refused: a chain without a key that fits. Whether it still counts is for the verifier to say. */
    public Optional<Stored> load() throws IOException, SvidRejectedException {
        if (!Files.exists(chain)) {
            return Optional.empty();
        }
        String chainPem = Files.readString(chain, US_ASCII);
        if (Files.exists(nextKey)) {
            try {
                X509Svid svid = X509Svid.ofPem(chainPem, Files.readString(nextKey, US_ASCII));
                DurableFile.rename(nextKey, key); // the crash came between the two renames
                return Optional.of(new Stored(svid, renewAt(svid)));
            } catch (SvidRejectedException e) {
                Files.delete(nextKey); // the crash came before the chain was replaced
            }
        }
        if (!Files.exists(key)) {
            throw new SvidRejectedException(SvidRejectedException.Reason.MISSING, key + ": missing beside its chain");
        }
        X509Svid svid = X509Svid.ofPem(chainPem, Files.readString(key, US_ASCII));
        return Optional.of(new Stored(svid, renewAt(svid)));
    }

    /** The stored moment, or the middle of the certificate's life when the file does not say. */
    private Instant renewAt(X509Svid svid) throws IOException {
        try {
            return Instant.parse(Files.readString(renewAt, US_ASCII).strip());
        } catch (DateTimeException | java.nio.file.NoSuchFileException e) {
            long life = svid.notAfter().getEpochSecond() - svid.notBefore().getEpochSecond();
            return svid.notBefore().plusSeconds(life / 2);
        }
    }

    public void save(Stored stored) throws IOException {
        DurableFile.write(nextKey, Pem.encode(stored.svid().privateKey()).getBytes(US_ASCII));
        DurableFile.write(chain, Pem.encode(stored.svid().chain()).getBytes(US_ASCII));
        DurableFile.rename(nextKey, key);
        DurableFile.write(renewAt, stored.renewAt().toString().getBytes(US_ASCII));
        Files.deleteIfExists(pending);
    }

    /**
     * The key pair of the request that is under way for {@code purpose} (a serial, or {@code enrolment}), kept until its answer is saved: a repeated request must carry the same
     * key, or the control plane takes it for somebody else's and suspends the lineage.
     */
    KeyPair pendingKey(String purpose) throws IOException {
        if (Files.exists(pending)) {
            try {
                ECKey stored = ECKey.parse(Files.readString(pending, US_ASCII));
                if (purpose.equals(stored.getKeyID()) && stored.isPrivate()) {
                    return stored.toKeyPair();
                }
            } catch (ParseException | JOSEException e) {
                Log.warn("pending key unreadable, a new one is made", "file", pending);
            }
        }
        KeyPair pair = CertificateSigningRequest.newKeyPair();
        ECKey jwk = new ECKey.Builder(Curve.P_256, (ECPublicKey) pair.getPublic())
                .privateKey(pair.getPrivate())
                .keyID(purpose)
                .build();
        DurableFile.write(pending, jwk.toJSONString().getBytes(US_ASCII));
        return pair;
    }
}
