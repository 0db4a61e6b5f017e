package dev.sallyport.cli.standalone;

import com.nimbusds.jose.jwk.ECKey;
import dev.sallyport.cli.CliException;
import dev.sallyport.cli.ExitCode;
import dev.sallyport.contract.Frames;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.JwkFile;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.SignedSnapshot;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.TrustBundle;
import dev.sallyport.identity.TrustDomain;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The files that {@code policy build} reads beside the documents; each refusal names option and file. */
final class BuildFiles {
    private static final int TEXT_BYTES_MAX = 1 << 20;

    private BuildFiles() {}

    /** Refuses a file that others can read: who has this key makes the rules of every sidecar that trusts it. */
    static ECKey signingKey(Path file) throws CliException {
        String what = "--key: " + file;
        try {
            ECKey key = JwkFile.ofPrivate(what, read(what, file, TEXT_BYTES_MAX));
            if (!PosixFilePermissions.toString(Files.getPosixFilePermissions(file))
                    .endsWith("------")) {
                throw new CliException(what + ": others can read it (expected: mode 0600; run chmod 600 " + file + ")");
            }
            return key;
        } catch (InvalidMessageException e) {
            throw new CliException(ExitCode.INVALID, String.valueOf(e.getMessage()));
        } catch (IOException e) {
            throw unreadable(what);
        }
    }

    /** JWKS as text; refused when it is none or holds a secret. */
    static String jwks(String issuer, Path file) throws CliException {
        String what = "--jwks: " + issuer + "=" + file;
        String text = new String(read(what, file, TEXT_BYTES_MAX), StandardCharsets.UTF_8);
        try {
            return String.valueOf(new MeshSnapshot.Keys(new TreeMap<>(Map.of(issuer, text)))
                    .jwksByIssuer()
                    .get(issuer));
        } catch (IllegalArgumentException e) {
            throw new CliException(
                    ExitCode.INVALID, what + ": " + e.getMessage() + "; expected: a JWK Set of public keys");
        }
    }

    static TrustBundle trustBundle(TrustDomain trustDomain, Path file) throws CliException {
        String what = "--trust-bundle: " + file;
        String pem = new String(read(what, file, TEXT_BYTES_MAX), StandardCharsets.US_ASCII);
        try {
            return TrustBundle.ofPem(trustDomain, pem);
        } catch (SvidRejectedException e) {
            throw new CliException(
                    ExitCode.INVALID, what + ": " + e.getMessage() + "; expected: CA certificates in PEM");
        }
    }

    /** What an earlier build left, if anything; any other file is not ours to replace. Its signature is not asked: it only says what to supersede. */
    static Optional<MeshSnapshot> previous(Path file) throws CliException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        String what = "--out: " + file;
        try {
            byte[] payload =
                    SignedSnapshot.ofBytes(read(what, file, Frames.MAX_BYTES)).payload();
            return Optional.of(MeshSnapshot.ofBytes(payload));
        } catch (InvalidMessageException e) {
            throw new CliException(what + ": exists and is no snapshot: " + e.getMessage()
                    + " (expected: a new file, or one of an earlier policy build)");
        }
    }

    private static byte[] read(String what, Path file, int bytesMax) throws CliException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] content = in.readNBytes(bytesMax + 1);
            if (content.length > bytesMax) {
                throw new CliException(what + ": too long (expected: at most " + bytesMax + " bytes)");
            }
            return content;
        } catch (NoSuchFileException e) {
            throw new CliException(what + ": not found (expected: a file)");
        } catch (IOException e) {
            throw unreadable(what);
        }
    }

    private static CliException unreadable(String what) {
        return new CliException(what + ": cannot be read (expected: a file that this user can read)");
    }
}
