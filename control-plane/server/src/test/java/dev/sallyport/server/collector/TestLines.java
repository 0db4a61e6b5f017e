package dev.sallyport.server.collector;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** Lines with a hash that is right, whatever else is wrong with them. */
final class TestLines {
    private TestLines() {}

    /** {@code start}: an object without its closing brace. */
    static byte[] line(String start, long number, String previous) {
        String body = start + ",\"audit.sequence.number\":" + number + ",\"audit.sequence.previous_hash\":\"" + previous
                + "\"";
        MessageDigest sha256 = sha256();
        sha256.update(HexFormat.of().parseHex(previous));
        String hash = HexFormat.of().formatHex(sha256.digest(body.getBytes(StandardCharsets.UTF_8)));
        return (body + ",\"audit.sequence.hash\":\"" + hash + "\"}").getBytes(StandardCharsets.UTF_8);
    }

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of the platform", e);
        }
    }
}
