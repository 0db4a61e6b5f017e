package dev.sallyport.audit.tlog;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.MessageDigest;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;

/** What kind of signature a key makes, by the byte that C2SP signed-note assigns to it. */
public enum KeyType {
    /** Over the text of any note: a log's own, for tools of today. */
    ED25519(0x01, "Ed25519", 32, 64, "302a300506032b6570032100"),
    /** A cosignature with its time, over a checkpoint (C2SP tlog-cosignature). */
    ED25519_COSIGNATURE(0x04, "Ed25519", 32, 64, "302a300506032b6570032100"),
    /** The same with ML-DSA-44 (FIPS 204), which no quantum computer forges; it also covers the cosigner's name. */
    ML_DSA_44_COSIGNATURE(0x06, "ML-DSA-44", 1312, 2420, "30820532300b06096086480165030403110382052100");

    private static final int TIME_BYTES = 8;

    final int code;
    final String algorithm;
    private final int keyBytes;
    private final int rawSignatureBytes;
    private final String x509Prefix; // hexadecimal

    KeyType(int code, String algorithm, int keyBytes, int rawSignatureBytes, String x509Prefix) {
        this.code = code;
        this.algorithm = algorithm;
        this.keyBytes = keyBytes;
        this.rawSignatureBytes = rawSignatureBytes;
        this.x509Prefix = x509Prefix;
    }

    static Optional<KeyType> of(int code) {
        return Arrays.stream(values()).filter(type -> type.code == code).findFirst();
    }

    boolean timed() {
        return this != ED25519;
    }

    /** Bytes behind the key's id: the time, where there is one, and the signature. */
    int signatureBytes() {
        return rawSignatureBytes + (timed() ? TIME_BYTES : 0);
    }

    /** The key as notes have it; the encoding of the platform is that behind a fixed prefix. */
    byte[] raw(PublicKey key) {
        byte[] encoded = key.getEncoded();
        byte[] prefix = HexFormat.of().parseHex(x509Prefix);
        if (encoded.length != prefix.length + keyBytes
                || !Arrays.equals(encoded, 0, prefix.length, prefix, 0, prefix.length)) {
            throw new IllegalArgumentException("key: " + key.getAlgorithm() + " (expected: " + algorithm + ")");
        }
        return Arrays.copyOfRange(encoded, prefix.length, encoded.length);
    }

    Optional<PublicKey> publicKey(byte[] raw) {
        if (raw.length != keyBytes) {
            return Optional.empty();
        }
        byte[] prefix = HexFormat.of().parseHex(x509Prefix);
        byte[] encoded = Arrays.copyOf(prefix, prefix.length + raw.length);
        System.arraycopy(raw, 0, encoded, prefix.length, raw.length);
        try {
            return Optional.of(KeyFactory.getInstance(algorithm).generatePublic(new X509EncodedKeySpec(encoded)));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    Optional<PrivateKey> privateKey(byte[] pkcs8) {
        try {
            return Optional.of(KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8)));
        } catch (GeneralSecurityException e) {
            return Optional.empty();
        }
    }

    /** C2SP signed-note: SHA-256(name ‖ 0x0A ‖ type ‖ key), its first four bytes. */
    int id(String name, byte[] rawKey) {
        MessageDigest sha256 = TreeHasher.sha256();
        sha256.update(SignedNote.utf8(name));
        sha256.update((byte) '\n');
        sha256.update((byte) code);
        byte[] hash = sha256.digest(rawKey);
        return (hash[0] & 0xff) << 24 | (hash[1] & 0xff) << 16 | (hash[2] & 0xff) << 8 | hash[3] & 0xff;
    }

    /** What is signed; empty when the text is none that this kind can sign. {@code seconds} since 1970, where there is a time. */
    Optional<byte[]> message(String cosigner, String text, long seconds) {
        return switch (this) {
            case ED25519 -> Optional.of(SignedNote.utf8(text));
            case ED25519_COSIGNATURE ->
                checkpoint(text).map(_ -> SignedNote.utf8("cosignature/v1\ntime " + seconds + "\n" + text));
            case ML_DSA_44_COSIGNATURE -> checkpoint(text).map(checkpoint -> subtree(cosigner, checkpoint, seconds));
        };
    }

    private static Optional<Checkpoint> checkpoint(String text) {
        try {
            return Optional.of(Checkpoint.parse(text));
        } catch (InvalidNoteException e) {
            return Optional.empty();
        }
    }

    /** C2SP tlog-cosignature, {@code cosigned_message}: the whole tree is the subtree from 0. */
    private static byte[] subtree(String cosigner, Checkpoint checkpoint, long seconds) {
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(message)) {
            out.write("subtree/v1\n\0".getBytes(StandardCharsets.US_ASCII));
            name(out, cosigner);
            out.writeLong(seconds);
            name(out, checkpoint.origin());
            out.writeLong(0);
            out.writeLong(checkpoint.size());
            out.write(checkpoint.root().toBytes());
        } catch (IOException e) {
            throw new UncheckedIOException("memory cannot fail", e);
        }
        return message.toByteArray();
    }

    private static void name(DataOutputStream out, String name) throws IOException {
        byte[] bytes = SignedNote.utf8(name);
        out.writeByte(bytes.length);
        out.write(bytes);
    }
}
