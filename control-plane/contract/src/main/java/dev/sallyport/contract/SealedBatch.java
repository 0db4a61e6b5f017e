package dev.sallyport.contract;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;

/**
 * Records {@code first} to {@code last} of one stream, on their way to the collector: one line of JSON, the seal, and then the lines exactly as they are in the sidecar's log, each
 * with its line feed. The seal is a signature with the key of the workload's SVID over what the hash chain of the lines begins and ends with, so it covers every byte of them, and
 * nobody else can have sent them.
 *
 * <p>The signature's algorithm is SHA256withECDSA in DER (RFC 3279), base64url without padding.
 */
// The lines are shared, not copied: whoever makes one gives them away.
@SuppressWarnings("ArrayRecordComponent")
public record SealedBatch(Seal seal, byte[] lines) {
    /** Of the lines of one batch. */
    public static final int LINES_BYTES_MAX = 1024 * 1024;
    /** Of the seal's line; a chain has at most a few certificates. */
    public static final int SEAL_BYTES_MAX = 32 * 1024;

    /** Of a seal's chain, in characters: a leaf and its intermediates. */
    public static final int CHAIN_CHARS_MAX = 16 * 1024;
    /** Of a stream's name: three parts of at most 64, with room. */
    public static final int STREAM_CHARS_MAX = 200;

    private static final String ALGORITHM = "SHA256withECDSA";

    /**
     * {@code previousHash}: of the record before {@code first}; {@code head}: of the record {@code last}; both 64 hex digits. {@code chainPem}: the SVID whose key made {@code
     * signature}, leaf first.
     */
    public record Seal(
            String stream,
            long first,
            long last,
            String previousHash,
            String head,
            Instant at,
            String chainPem,
            String signature) {
        /** Whether {@code key} signed exactly this. */
        public boolean signedBy(PublicKey key) {
            try {
                Signature verifying = Signature.getInstance(ALGORITHM);
                verifying.initVerify(key);
                verifying.update(signedBytes());
                return verifying.verify(Base64.getUrlDecoder().decode(signature));
            } catch (GeneralSecurityException | IllegalArgumentException e) {
                return false; // A signature that cannot even be read is not one.
            }
        }

        /** What is signed; begins with a name of its own, so that no signature made for another purpose can pass for a seal. */
        byte[] signedBytes() {
            return String.join(
                            "\n",
                            "sallyport audit batch v1",
                            stream,
                            Long.toString(first),
                            Long.toString(last),
                            previousHash,
                            head,
                            at.toString(),
                            "")
                    .getBytes(StandardCharsets.UTF_8);
        }

        /** The seal as one JSON object. */
        public byte[] toJson() {
            return new JsonText()
                    .field("stream", stream)
                    .field("first", first)
                    .field("last", last)
                    .field("previousHash", previousHash)
                    .field("head", head)
                    .field("at", at)
                    .field("chain", chainPem)
                    .field("signature", signature)
                    .toBytes();
        }

        /** Strict; InvalidMessageException names the field. Nothing is verified yet. */
        public static Seal parse(byte[] json) throws InvalidMessageException {
            JsonObject m = JsonObject.parse("audit seal", json, SEAL_BYTES_MAX).version();
            String stream = m.text("stream");
            long first = m.number("first", 1);
            Seal seal = new Seal(
                    stream,
                    first,
                    m.number("last", first),
                    hash(m, "previousHash"),
                    hash(m, "head"),
                    m.instant("at"),
                    m.text("chain"),
                    m.text("signature"));
            m.done();
            if (stream.isEmpty() || stream.length() > STREAM_CHARS_MAX || stream.indexOf('\n') >= 0) {
                throw m.wrong("stream", JsonTree.shown(stream), "the name of a log");
            }
            refuseOtherThanPem(m, seal.chainPem());
            return seal;
        }

        /** PEM readers skip white space of any alphabet; escaped in a leaf it would take three times the bytes that came, and more than a leaf may have. */
        private static void refuseOtherThanPem(JsonObject m, String chain) throws InvalidMessageException {
            boolean plain = chain.chars().allMatch(c -> c == '\n' || (c >= ' ' && c <= '~'));
            if (!plain || chain.length() > CHAIN_CHARS_MAX) {
                throw m.wrong(
                        "chain",
                        chain.length() + " characters",
                        "PEM of at most " + CHAIN_CHARS_MAX + ", printable ASCII and line feeds");
            }
        }

        private static String hash(JsonObject m, String name) throws InvalidMessageException {
            String text = m.text(name);
            boolean hex = text.chars().allMatch(c -> (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'));
            if (text.length() != 64 || !hex) {
                throw m.wrong(name, JsonTree.shown(text), "64 hexadecimal digits");
            }
            return text;
        }
    }

    /** Seals; the other parameters as in {@link Seal}. {@code key}: EC, of the leaf of {@code chainPem}. IllegalArgumentException when it cannot sign. */
    public static SealedBatch seal(
            String stream,
            long first,
            long last,
            String previousHash,
            String head,
            byte[] lines,
            Instant at,
            String chainPem,
            PrivateKey key) {
        Seal open = new Seal(stream, first, last, previousHash, head, at, chainPem, "");
        try {
            Signature signing = Signature.getInstance(ALGORITHM);
            signing.initSign(key);
            signing.update(open.signedBytes());
            String signature = Base64.getUrlEncoder().withoutPadding().encodeToString(signing.sign());
            return new SealedBatch(new Seal(stream, first, last, previousHash, head, at, chainPem, signature), lines);
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("audit seal: this key cannot make one (expected: EC)", e);
        }
    }

    /** As it travels. */
    public byte[] encode() {
        byte[] json = seal.toJson();
        byte[] bytes = Arrays.copyOf(json, json.length + 1 + lines.length);
        bytes[json.length] = '\n';
        System.arraycopy(lines, 0, bytes, json.length + 1, lines.length);
        return bytes;
    }

    /** Strict; nothing is verified yet. */
    public static SealedBatch decode(byte[] bytes) throws InvalidMessageException {
        int end = 0;
        while (end < bytes.length && end <= SEAL_BYTES_MAX && bytes[end] != '\n') {
            end++;
        }
        if (end == bytes.length || end > SEAL_BYTES_MAX) {
            throw new InvalidMessageException(
                    "audit batch: no seal (expected: a line of JSON of at most " + SEAL_BYTES_MAX + " bytes)");
        }
        Seal seal = Seal.parse(Arrays.copyOf(bytes, end));
        byte[] lines = Arrays.copyOfRange(bytes, end + 1, bytes.length);
        if (lines.length == 0 || lines.length > LINES_BYTES_MAX || lines[lines.length - 1] != '\n') {
            throw new InvalidMessageException("audit batch: " + lines.length + " bytes of records (expected: 1 to "
                    + LINES_BYTES_MAX + ", the last one a line feed)");
        }
        return new SealedBatch(seal, lines);
    }
}
