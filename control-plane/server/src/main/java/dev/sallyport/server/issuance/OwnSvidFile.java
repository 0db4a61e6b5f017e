package dev.sallyport.server.issuance;

import dev.sallyport.authority.KeyEncryption;
import dev.sallyport.identity.Pem;
import dev.sallyport.identity.SvidRejectedException;
import dev.sallyport.identity.X509Svid;
import dev.sallyport.server.store.PrivateFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The control plane's own certificate at rest, its key sealed: with it a process that starts while the authority is away can be reached. Blocks; one thread at a time. */
public final class OwnSvidFile {
    private static final Logger log = LoggerFactory.getLogger(OwnSvidFile.class);
    private static final String SEALED_KEY = "SALLYPORT SEALED KEY";
    private static final Pattern FORM = Pattern.compile(
            "generation ([1-9][0-9]{0,8})\n(.+)-----BEGIN " + SEALED_KEY + "-----\n(.+)-----END " + SEALED_KEY
                    + "-----\n",
            Pattern.DOTALL);

    /** {@code generation}: of the authority that signed it. */
    record Stored(int generation, X509Svid svid) {}

    private final Path file;
    private final KeyEncryption encryption;

    public OwnSvidFile(Path file, KeyEncryption encryption) {
        this.file = file;
        this.encryption = encryption;
    }

    /** What was written last; empty, with a line in the log, if it cannot be read: another one will be issued. */
    Optional<Stored> read() {
        if (Files.notExists(file)) {
            return Optional.empty();
        }
        try {
            Matcher form = FORM.matcher(Files.readString(file, StandardCharsets.US_ASCII));
            if (!form.matches()) {
                throw new IOException("(expected: a generation, a chain, and its sealed key)");
            }
            List<X509Certificate> chain = Pem.certificates(form.group(2));
            byte[] sealed = Base64.getMimeDecoder().decode(form.group(3));
            X509Svid svid = X509Svid.of(chain, open(sealed, chain.getFirst()));
            return Optional.of(new Stored(Integer.parseInt(form.group(1)), svid));
        } catch (IOException | SvidRejectedException | IllegalArgumentException e) {
            log.warn("own certificate: {} cannot be used: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    private PrivateKey open(byte[] sealed, X509Certificate leaf) throws IOException {
        byte[] pkcs8 = encryption.decrypt(sealed, context(leaf));
        try {
            return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
        } catch (GeneralSecurityException e) {
            throw new IOException("key (expected: PKCS#8 of an EC key)");
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    /** Replaces what was there. A disk that takes nothing costs the next start alone. */
    void write(Stored stored) {
        byte[] pkcs8 = stored.svid().privateKey().getEncoded();
        try {
            X509Certificate leaf = stored.svid().chain().getFirst();
            String text = "generation " + stored.generation() + "\n"
                    + Pem.encode(stored.svid().chain())
                    + Pem.encode(SEALED_KEY, encryption.encrypt(pkcs8, context(leaf)));
            PrivateFiles.replace(file, text.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            log.warn("own certificate: {} cannot be written: {}", file, e.toString());
        } finally {
            Arrays.fill(pkcs8, (byte) 0);
        }
    }

    /** The fingerprint ties the key to its certificate. */
    private static String context(X509Certificate leaf) {
        return "sallyport/own-svid/" + X509Svid.fingerprintOf(leaf);
    }
}
