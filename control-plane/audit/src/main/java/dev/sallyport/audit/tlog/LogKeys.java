package dev.sallyport.audit.tlog;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The signing keys of a log or a witness, in one file that nobody else can read: of each key a line with its verifier key, then one with its private key (PKCS#8, base64). */
public final class LogKeys {
    private static final String HEADER = "sallyport note keys v1; keep this file secret";
    private static final String PUBLIC = "verifier ";
    private static final String PRIVATE = "private ";
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rw-------");

    private LogKeys() {}

    /** Of a log, whose key name is its origin: Ed25519 for tools of today, and ML-DSA-44. Made when the file is not there. IOException: it is damaged, of another name, or open to others. */
    public static List<NoteSigner> log(Path file, String origin) throws IOException {
        return open(file, origin, KeyType.ED25519, KeyType.ML_DSA_44_COSIGNATURE);
    }

    /** Of a witness: both kinds of cosignature. Otherwise as {@link #log}. */
    public static List<NoteSigner> witness(Path file, String name) throws IOException {
        return open(file, name, KeyType.ML_DSA_44_COSIGNATURE, KeyType.ED25519_COSIGNATURE);
    }

    private static List<NoteSigner> open(Path file, String name, KeyType... types) throws IOException {
        if (!Files.exists(file)) {
            List<NoteSigner> made = Arrays.stream(types)
                    .map(type -> NoteSigner.generate(name, type))
                    .toList();
            write(file, made);
            return made;
        }
        Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
        if (!OWNER_ONLY.containsAll(mode)) {
            throw new IOException(file + ": " + PosixFilePermissions.toString(mode)
                    + " (expected: rw-------; who could read it can sign as " + name + ")");
        }
        List<NoteSigner> signers = read(file);
        List<KeyType> found =
                signers.stream().map(signer -> signer.verifier().type()).toList();
        if (!found.equals(List.of(types))) {
            throw new IOException(file + ": keys of types " + found + " (expected: " + List.of(types) + ")");
        }
        for (NoteSigner signer : signers) {
            if (!signer.verifier().name().equals(name)) {
                throw new IOException(file + ": keys of " + signer.verifier().name() + " (expected: of " + name + ")");
            }
        }
        return signers;
    }

    private static List<NoteSigner> read(Path file) throws IOException {
        List<String> lines =
                Files.readString(file, StandardCharsets.UTF_8).lines().toList();
        if (lines.isEmpty() || !lines.getFirst().equals(HEADER) || lines.size() < 3 || lines.size() % 2 == 0) {
            throw damaged(file);
        }
        List<NoteSigner> signers = new ArrayList<>();
        for (int i = 1; i < lines.size(); i += 2) {
            signers.add(signer(lines.get(i), lines.get(i + 1)).orElseThrow(() -> damaged(file)));
        }
        return List.copyOf(signers);
    }

    private static IOException damaged(Path file) {
        return new IOException(file + ": damaged (expected: the lines of a key file as it was made)");
    }

    private static Optional<NoteSigner> signer(String publicLine, String privateLine) {
        if (!publicLine.startsWith(PUBLIC) || !privateLine.startsWith(PRIVATE)) {
            return Optional.empty();
        }
        try {
            NoteVerifier verifier = NoteVerifier.parse(publicLine.substring(PUBLIC.length()));
            return Base64Text.decode(privateLine.substring(PRIVATE.length()))
                    .flatMap(verifier.type()::privateKey)
                    .map(key -> NoteSigner.of(verifier, key))
                    .filter(LogKeys::signs);
        } catch (InvalidNoteException e) {
            return Optional.empty();
        }
    }

    /** A private key beside the public key of another would make signatures that nobody can verify. */
    private static boolean signs(NoteSigner signer) {
        String text = new Checkpoint(signer.verifier().name(), Tree.EMPTY).text();
        return signer.verifier()
                .verify(text, signer.sign(text, Instant.ofEpochSecond(1)))
                .isPresent();
    }

    private static void write(Path file, List<NoteSigner> signers) throws IOException {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        for (NoteSigner signer : signers) {
            text.append(PUBLIC).append(signer.verifier().vkey()).append('\n');
            text.append(PRIVATE).append(Base64Text.encode(signer.secret())).append('\n');
        }
        DurableFile.write(file, SignedNote.utf8(text.toString()));
    }
}
