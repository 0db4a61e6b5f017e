package dev.sallyport.authority;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * AES-256-GCM under a key that lives in a file of its own, away from the state that it protects (design section 5). The
 * file holds 64 hex digits. Any thread.
 *
 * <p>Sealed form: one byte of version, 12 of nonce, ciphertext, 16 of tag. Nonces are random, which NIST SP 800-38D
 * section 8.3 allows for 2^32 messages under one key; we seal a handful.
 */
public final class KeyEncryption {
    private static final byte VERSION = 1;
    private static final int KEY_BYTES = 32;
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final SecretKey key;
    private final SecureRandom random = new SecureRandom();

    private KeyEncryption(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
    }

    /** Reads the key file, or makes it (mode 0600, folders 0700) when it does not exist. Refuses a file that others can read. */
    public static KeyEncryption fromFile(Path keyFile) throws IOException {
        if (Files.notExists(keyFile)) {
            create(keyFile);
        }
        byte[] text = PrivateFiles.read(keyFile);
        byte[] key = new byte[0];
        try {
            key = HexFormat.of().parseHex(new String(text, StandardCharsets.US_ASCII).strip());
            if (key.length != KEY_BYTES) {
                throw malformed(keyFile);
            }
            return new KeyEncryption(key);
        } catch (IllegalArgumentException e) {
            // The cause is left out: its message quotes what may be most of the key.
            throw malformed(keyFile);
        } finally {
            Arrays.fill(text, (byte) 0);
            Arrays.fill(key, (byte) 0);
        }
    }

    /** {@code context} is authenticated, so that one blob cannot stand in for another. */
    public byte[] encrypt(byte[] plain, String context) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce, context).doFinal(plain);
            return ByteBuffer.allocate(1 + NONCE_BYTES + sealed.length)
                    .put(VERSION)
                    .put(nonce)
                    .put(sealed)
                    .array();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-GCM", e);
        }
    }

    /** What {@link #encrypt} was given, or an error if key, context or any bit is another. The caller wipes the result. */
    public byte[] decrypt(byte[] sealed, String context) throws IOException {
        if (sealed.length < 1 + NONCE_BYTES + TAG_BITS / 8 || sealed[0] != VERSION) {
            throw new IOException("sealed key " + context + ": " + sealed.length
                    + " bytes of unknown form (expected: version 1, a nonce and AES-GCM ciphertext)");
        }
        byte[] nonce = Arrays.copyOfRange(sealed, 1, 1 + NONCE_BYTES);
        try {
            int start = 1 + NONCE_BYTES;
            return cipher(Cipher.DECRYPT_MODE, nonce, context).doFinal(sealed, start, sealed.length - start);
        } catch (GeneralSecurityException e) {
            throw new IOException(
                    "sealed key " + context
                            + ": does not open (expected: the key file it was sealed with, and nothing altered since)",
                    e);
        }
    }

    /** Nothing of the key. */
    @Override
    public String toString() {
        return "AES-256-GCM key";
    }

    private Cipher cipher(int mode, byte[] nonce, String context) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        cipher.updateAAD(context.getBytes(StandardCharsets.UTF_8));
        return cipher;
    }

    private static void create(Path keyFile) throws IOException {
        byte[] key = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(key);
        byte[] text = (HexFormat.of().formatHex(key) + "\n").getBytes(StandardCharsets.US_ASCII);
        try {
            PrivateFiles.createFolder(PrivateFiles.folderOf(keyFile));
            PrivateFiles.write(keyFile, text);
        } finally {
            Arrays.fill(key, (byte) 0);
            Arrays.fill(text, (byte) 0);
        }
    }

    private static IOException malformed(Path keyFile) {
        return new IOException("key file: " + keyFile + " (expected: 64 hex digits, an AES-256 key)");
    }
}
