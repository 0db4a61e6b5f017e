package dev.sallyport.proxy.standalone;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.contract.Frames;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.JwkFile;
import dev.sallyport.contract.SignedSnapshot;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.X509Svid;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The files of {@code standalone:} in the configuration. Each is read afresh by its path, so that it makes no difference whether it was written over, renamed over, or reached by a
 * symbolic link that moved. Blocking.
 */
public record StandaloneFiles(
        Path snapshot, Path trustKey, Path certificate, Path privateKey, Optional<Path> trustBundle) {
    private static final int TEXT_BYTES_MAX = 1 << 20;
    private static final int PIECE_BYTES = 8192;

    private static final Set<PosixFilePermission> OWNER = PosixFilePermissions.fromString("rwx------");

    /** Differs when one of the files has another content or can be read by others than before. By content, not by time: a file that is put in place keeps the times it had. */
    String fingerprint() {
        StringBuilder all = new StringBuilder();
        Stream.concat(Stream.of(snapshot, trustKey, certificate, privateKey), trustBundle.stream())
                .forEach(file -> all.append(state(file)).append('\n'));
        return all.toString();
    }

    /** In small pieces: a look every second must cost no memory. */
    private static String state(Path file) {
        byte[] piece = new byte[PIECE_BYTES];
        try (InputStream in = open(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            for (int count = in.read(piece); count >= 0; count = in.read(piece)) {
                digest.update(piece, 0, count);
            }
            return HexFormat.of().formatHex(digest.digest())
                    + PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
        } catch (IOException e) {
            return e.toString();
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        } finally {
            Arrays.fill(piece, (byte) 0); // the last file was the private key, perhaps
        }
    }

    /** Certificate and key that belong together, and the bundle beside them. Whether the one verifies under the other is not asked here. */
    Identity readIdentity() throws RefusedFileException {
        requireOwnerOnly();
        String chain = text("certificate", certificate);
        X509Svid svid;
        try {
            svid = X509Svid.ofPem(chain, text("privateKey", privateKey));
        } catch (SvidRejectedException e) {
            throw new RefusedFileException(
                    "certificate",
                    certificate + ", key " + privateKey,
                    e.getMessage() + " (expected: an X.509-SVID in PEM, and its key in PKCS#8)");
        }
        if (trustBundle.isEmpty()) {
            return new Identity(svid, Optional.empty());
        }
        Path file = trustBundle.get();
        try {
            return new Identity(
                    svid, Optional.of(TrustBundle.ofPem(svid.id().trustDomain(), text("trustBundle", file))));
        } catch (SvidRejectedException e) {
            throw new RefusedFileException("trustBundle", file, e.getMessage() + " (expected: CA certificates in PEM)");
        }
    }

    /** Who reads the key is the service until its certificate ends, so one that others can read is not taken and never mended in silence. */
    private void requireOwnerOnly() throws RefusedFileException {
        try {
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(privateKey);
            Set<PosixFilePermission> foreign = EnumSet.noneOf(PosixFilePermission.class);
            foreign.addAll(mode);
            foreign.removeAll(OWNER);
            if (!foreign.isEmpty()) {
                throw new RefusedFileException(
                        "privateKey",
                        privateKey,
                        "mode " + PosixFilePermissions.toString(mode) + " (expected: rw-------; run: chmod 600 "
                                + privateKey + ")");
            }
        } catch (IOException e) {
            throw unreadable("privateKey", privateKey, e);
        }
    }

    /** The public key whose signature makes a snapshot count. */
    ECKey readTrustKey() throws RefusedFileException {
        try {
            return JwkFile.ofPublic("key", read(trustKey, TEXT_BYTES_MAX));
        } catch (InvalidMessageException e) {
            throw new RefusedFileException(
                    "trustKey", trustKey, e.getMessage() + "; expected: the public JWK that `policy key` wrote");
        } catch (IOException e) {
            throw unreadable("trustKey", trustKey, e);
        }
    }

    /** Its form only; nothing in it counts before its signature was verified. */
    SignedSnapshot readSnapshot() throws RefusedFileException {
        try {
            return SignedSnapshot.ofBytes(read(snapshot, Frames.MAX_BYTES));
        } catch (InvalidMessageException e) {
            throw new RefusedFileException(
                    "snapshot", snapshot, e.getMessage() + " (expected: what `policy build` wrote)");
        } catch (IOException e) {
            throw unreadable("snapshot", snapshot, e);
        }
    }

    private static String text(String key, Path file) throws RefusedFileException {
        try {
            byte[] content = read(file, TEXT_BYTES_MAX);
            String text = new String(content, US_ASCII);
            Arrays.fill(content, (byte) 0);
            return text;
        } catch (IOException e) {
            throw unreadable(key, file, e);
        }
    }

    private static byte[] read(Path file, int bytesMax) throws IOException {
        try (InputStream in = open(file)) {
            byte[] content = in.readNBytes(bytesMax + 1);
            if (content.length > bytesMax) {
                throw new IOException("more than " + bytesMax + " bytes");
            }
            return content;
        }
    }

    /** A pipe would hold up the control thread for ever, and a device never ends. */
    private static InputStream open(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new NoSuchFileException(file.toString());
        }
        return Files.newInputStream(file);
    }

    private static RefusedFileException unreadable(String key, Path file, IOException e) {
        String problem = e instanceof NoSuchFileException ? "no such file" : String.valueOf(e.getMessage());
        return new RefusedFileException(key, file, problem + " (expected: a file that this user can read)");
    }
}
