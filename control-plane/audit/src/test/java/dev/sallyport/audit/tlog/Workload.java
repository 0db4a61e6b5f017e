package dev.sallyport.audit.tlog;

import dev.sallyport.audit.AuditFields;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/** A sidecar as the log sees it: lines in a chain, and seals over them with a key of its own. The form of the lines is the real one, what they say is not. */
final class Workload {
    static final String GENESIS = "0".repeat(64);
    private static final HexFormat HEX = HexFormat.of();

    final String stream;
    final KeyPair keys;
    long number;
    String head = GENESIS;

    Workload(String stream) {
        this.stream = stream;
        try {
            keys = KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The next {@code count} records, and their seal. The first of all is a header. */
    List<byte[]> batch(int count) {
        List<byte[]> leaves = new ArrayList<>();
        long first = number + 1;
        String previous = head;
        for (int i = 0; i < count; i++) {
            leaves.add(line(
                    number == 0
                            ? "\"EventName\":\"" + AuditFields.EVENT_LOG + "\",\"" + AuditFields.STREAM_ID + "\":\""
                                    + stream + "\""
                            : "\"EventName\":\"" + AuditFields.EVENT_REQUEST + "\",\"url.path\":\"/pay/" + number
                                    + "\""));
        }
        leaves.add(seal(first, number, previous, head));
        return leaves;
    }

    /** The next record, with these members. */
    byte[] line(String members) {
        String text = "{\"Timestamp\":\"1767225600000000000\"," + members + ",\"" + AuditFields.NUMBER + "\":"
                + (number + 1) + ",\"" + AuditFields.PREVIOUS_HASH + "\":\"" + head + "\"";
        byte[] line = chained(head, text);
        number++;
        head = new String(line, StandardCharsets.US_ASCII).substring(line.length - 66, line.length - 2);
        return line;
    }

    static byte[] chained(String previous, String text) {
        var sha256 = TreeHasher.sha256();
        sha256.update(HEX.parseHex(previous));
        String hash = HEX.formatHex(sha256.digest(text.getBytes(StandardCharsets.US_ASCII)));
        return (text + ",\"" + AuditFields.HASH + "\":\"" + hash + "\"}").getBytes(StandardCharsets.US_ASCII);
    }

    byte[] seal(long first, long last, String previousHash, String lastHash) {
        return seal(stream, first, last, previousHash, lastHash);
    }

    /** Of whatever stream, with this one's key, in whose name it is. */
    byte[] seal(String of, long first, long last, String previousHash, String lastHash) {
        String sealed = of + " " + first + " " + last + " " + previousHash + " " + lastHash + " " + stream;
        try {
            Signature signing = Signature.getInstance("Ed25519");
            signing.initSign(keys.getPrivate());
            signing.update(sealed.getBytes(StandardCharsets.US_ASCII));
            return ("{\"Timestamp\":\"1767225600000000000\",\"EventName\":\"" + AuditFields.EVENT_SEAL
                            + "\",\"seal\":\"" + sealed + " "
                            + Base64.getEncoder().encodeToString(signing.sign()) + "\"}")
                    .getBytes(StandardCharsets.US_ASCII);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
