package dev.sallyport.proxy.snapshot;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.contract.Frames;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.JoinFile;
import dev.sallyport.contract.KeyList;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.SignedSnapshot;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.proxy.log.Log;
import dev.sallyport.proxy.state.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The last good snapshot on disk with the key list that vouches for it (none in a standalone sidecar), and the last {@value #KEPT} by policy digest, which {@code explain} reads. A
 * sidecar lives from it while the control plane is away, so what is read back is verified like what arrives. Blocking; one thread.
 */
public final class SnapshotStore {
    static final int KEPT = 20;

    /** A snapshot whose signature held, and the key list that says so. */
    public record Verified(KeyList keys, MeshSnapshot snapshot) {}

    private final Path snapshot;
    private final Path keys;
    private final Path history;
    private final Room room;

    /** {@code state}: the root of the state folder. */
    public SnapshotStore(Path state) {
        this(state, Room.ofProcess());
    }

    SnapshotStore(Path state, Room room) {
        this.room = room;
        this.snapshot = state.resolve("snapshot.json");
        this.keys = state.resolve("keys.jws");
        this.history = state.resolve("snapshots");
    }

    /**
     * The stored one if its key list, signature, mesh and recipient hold; {@code validUntil} is for the reader of the clock. One that does not hold is set aside as {@code .bad}, and
     * the sidecar is as without: it waits for the control plane and denies.
     */
    public Optional<Verified> load(JoinFile mesh) throws IOException {
        return load(signed -> {
            KeyList list = KeyList.verify(Files.readString(keys, US_ASCII), mesh.rootKeys(), mesh.mesh());
            return new Verified(list, signed.verify(list, mesh.mesh(), mesh.identity()));
        });
    }

    /** The same without a control plane: what {@code trustKey} signed for {@code recipient}. */
    public Optional<MeshSnapshot> load(ECKey trustKey, SpiffeId recipient) throws IOException {
        return load(signed -> signed.verify(trustKey, recipient));
    }

    /** Nothing stored counts before it was verified again. */
    private interface Proof<T> {
        T of(SignedSnapshot signed) throws InvalidMessageException, IOException;
    }

    private <T> Optional<T> load(Proof<T> proof) throws IOException {
        if (!Files.exists(snapshot)) {
            return Optional.empty();
        }
        Optional<String> tooLarge = room.problem(Files.size(snapshot));
        if (tooLarge.isPresent()) { // It was taken in a larger heap, and nothing is wrong with the file.
            Log.error("stored snapshot not read", "problem", tooLarge.get(), "file", snapshot);
            return Optional.empty();
        }
        try {
            if (Files.size(snapshot) > Frames.MAX_BYTES) {
                throw new InvalidMessageException("longer than " + Frames.MAX_BYTES + " bytes");
            }
            return Optional.of(proof.of(SignedSnapshot.ofBytes(Files.readAllBytes(snapshot))));
        } catch (InvalidMessageException | IOException e) {
            Path bad = snapshot.resolveSibling(snapshot.getFileName() + ".bad");
            DurableFile.rename(snapshot, bad);
            Log.error(
                    "stored snapshot refused, every request is denied until another one comes",
                    "file",
                    snapshot,
                    "problem",
                    String.valueOf(e.getMessage()),
                    "expected",
                    "the file as this sidecar wrote it",
                    "kept",
                    bad);
            return Optional.empty();
        }
    }

    /** {@code keyList}: the compact JWS as received. */
    void save(String keyList, SignedSnapshot signed, String policyDigest) throws IOException {
        DurableFile.write(keys, keyList.getBytes(US_ASCII));
        save(signed, policyDigest);
    }

    /** What one trusted key vouches for needs no key list. */
    public void save(SignedSnapshot signed, String policyDigest) throws IOException {
        byte[] bytes = signed.toBytes();
        DurableFile.write(snapshot, bytes);
        DurableFile.write(history.resolve(policyDigest + ".json"), bytes);
        prune();
    }

    private void prune() throws IOException {
        List<Path> oldest;
        try (Stream<Path> files = Files.list(history)) {
            oldest = files.filter(file -> file.toString().endsWith(".json"))
                    .sorted(Comparator.comparing(SnapshotStore::written).reversed())
                    .skip(KEPT)
                    .toList();
        }
        for (Path file : oldest) {
            Files.deleteIfExists(file);
        }
    }

    private static FileTime written(Path file) {
        try {
            return Files.getLastModifiedTime(file);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }
}
