package dev.sallyport.server.collector;

import dev.sallyport.policy.DocumentSet;
import dev.sallyport.server.mesh.PolicyVersion;
import dev.sallyport.server.store.PrivateFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * {@code <digest>.json}: what each service's sidecars were given to decide by, under the digest that their records carry, so that a decision can be made again years later. The digest
 * in the record is in the log; a file that does not have it is not what decided. Any thread; blocks.
 */
public final class PolicyArchive {
    private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

    private final Path folder;

    public PolicyArchive(Path folder) throws IOException {
        this.folder = folder;
        PrivateFiles.folder(folder);
    }

    /** Keeps what this version means for every service. UncheckedIOException: the disk took it not, and whoever published the version is told. */
    public void keep(PolicyVersion version) {
        try {
            for (String service : version.set().mesh().services().keySet()) {
                keep(version.set().concerning(service));
            }
            try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
                directory.force(true);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "audit: policy of revision " + version.revision() + ": " + e.getMessage(), e);
        }
    }

    /** The documents of that digest, as JSON; empty when no sidecar was ever given them. */
    public Optional<byte[]> find(String digest) throws IOException {
        // It comes out of a request: it must not name another file.
        Path file = folder.resolve(digest + ".json");
        return DIGEST.matcher(digest).matches() && Files.exists(file)
                ? Optional.of(Files.readAllBytes(file))
                : Optional.empty();
    }

    private void keep(DocumentSet documents) throws IOException {
        Path file = folder.resolve(documents.digest() + ".json");
        if (!Files.exists(file)) {
            PrivateFiles.replace(file, documents.toJson().getBytes(StandardCharsets.UTF_8));
        }
    }
}
