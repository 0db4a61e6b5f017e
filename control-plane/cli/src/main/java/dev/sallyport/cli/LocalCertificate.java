package dev.sallyport.cli;

import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SpiffeId;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Optional;

/** The certificate in a sidecar's state folder; its key is never read. {@code renewAt} is what the authority asked for. */
public record LocalCertificate(
        Path stateFolder, SpiffeId id, String serial, Instant notBefore, Instant notAfter, Optional<Instant> renewAt) {

    public static LocalCertificate read(Path stateFolder) throws CliException {
        Path file = stateFolder.resolve("identity").resolve("svid.pem");
        try {
            X509Certificate leaf = Pem.certificates(Files.readString(file)).getFirst();
            return new LocalCertificate(
                    stateFolder,
                    X509Svid.leafId(leaf),
                    X509Svid.serialOf(leaf),
                    leaf.getNotBefore().toInstant(),
                    leaf.getNotAfter().toInstant(),
                    renewAt(stateFolder));
        } catch (IOException e) {
            throw new CliException(file + ": cannot be read (expected: the certificate of a sidecar that has joined)");
        } catch (SvidRejectedException e) {
            throw new CliException(file + ": " + e.getMessage());
        }
    }

    private static Optional<Instant> renewAt(Path stateFolder) throws IOException {
        Path file = stateFolder.resolve("identity").resolve("renew-at");
        return Files.exists(file) ? Times.parse(Files.readString(file).strip()) : Optional.empty();
    }
}
