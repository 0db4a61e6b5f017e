package dev.sallyport.cli.record;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.SignedSnapshot;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.policy.DocumentSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The snapshots that a sidecar keeps in its state folder: the one in force, and the last 20 by the digest of their policy. */
public record PolicyArchive(Path stateFolder) {
    /** A snapshot and the documents in it. */
    public record Kept(MeshSnapshot snapshot, DocumentSet documents) {}

    /** The policy of that digest, if it is still kept. */
    public Optional<Kept> judged(String digest) throws CliException, IOException {
        // The digest comes out of a record: it must not name another folder.
        if (!digest.matches("[0-9a-f]{64}")) {
            return Optional.empty();
        }
        Path file = stateFolder.resolve("snapshots").resolve(digest + ".json");
        Optional<Kept> kept = read(file);
        if (kept.isPresent() && !kept.get().documents().digest().equals(digest)) {
            throw new CliException(
                    ExitCode.UNVERIFIED,
                    file + ": holds another policy than its name says (expected: digest " + digest + ")");
        }
        return kept;
    }

    /** The last good snapshot. */
    public Optional<Kept> inForce() throws CliException, IOException {
        return read(stateFolder.resolve("snapshot.json"));
    }

    private static Optional<Kept> read(Path file) throws CliException, IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            MeshSnapshot snapshot = MeshSnapshot.ofBytes(
                    SignedSnapshot.ofBytes(Files.readAllBytes(file)).payload());
            return Optional.of(
                    new Kept(snapshot, DocumentSet.ofJson(snapshot.policy().documents())));
        } catch (InvalidMessageException | InvalidDocumentException e) {
            throw new CliException(
                    ExitCode.INVALID, file + ": " + e.getMessage() + " (expected: a snapshot as a sidecar keeps it)");
        }
    }
}
