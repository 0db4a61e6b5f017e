package dev.sallyport.server.collector;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import dev.sallyport.audit.AuditFields;
import dev.sallyport.server.collector.BatchRefusedException.Reason;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Set;

/**
 * Reads lines of a sidecar's log strictly: ASCII, one JSON object without repeated members, its hash last and right. What a line says is believed only after that. One thread.
 */
final class LineReader {
    /** What a bundle of a tiled log can hold of one entry. */
    static final int LINE_BYTES_MAX = 65_535;

    static final int HASH_DIGITS = 64;
    /** The previous hash of a stream's first record. */
    static final String GENESIS = "0".repeat(HASH_DIGITS);

    private static final byte[] HASH_KEY = (",\"" + AuditFields.HASH + "\":\"").getBytes(StandardCharsets.US_ASCII);
    private static final int SUFFIX_BYTES = HASH_KEY.length + HASH_DIGITS + 2;
    private static final int DEPTH_MAX = 16;
    private static final Set<String> COLLECTORS_OWN =
            Set.of(AuditFields.EVENT_SEAL, AuditFields.EVENT_CA, AuditFields.EVENT_PRUNE, AuditFields.EVENT_FINDING);
    private static final HexFormat HEX = HexFormat.of();

    private static final JsonFactory JSON = JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                    StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
            .build();

    private final MessageDigest sha256 = sha256();

    static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("SHA-256 is part of the platform", e);
        }
    }

    /** Without its line feed; {@code place} is how a refusal names it. */
    RecordLine read(byte[] line, String place) throws BatchRefusedException {
        if (line.length > LINE_BYTES_MAX) {
            throw refused(place, line.length + " bytes (expected: at most " + LINE_BYTES_MAX + ")");
        }
        for (byte b : line) {
            if (b < ' ' || b > '~') {
                throw refused(place, "a byte that is no printable ASCII");
            }
        }
        if (!endsWithHash(line)) {
            throw refused(place, "does not end with its hash");
        }
        RecordLine stated = parse(line, place);
        String computed = hash(stated.previousHash(), line);
        if (!computed.equals(stated.hash())) {
            throw refused(place, "hash " + stated.hash() + " (expected: " + computed + ", computed over its bytes)");
        }
        return stated;
    }

    private String hash(String previous, byte[] line) {
        sha256.update(HEX.parseHex(previous));
        sha256.update(line, 0, line.length - SUFFIX_BYTES);
        return HEX.formatHex(sha256.digest());
    }

    private static boolean endsWithHash(byte[] line) {
        int start = line.length - SUFFIX_BYTES;
        return start > 0
                && line[line.length - 2] == '"'
                && line[line.length - 1] == '}'
                && Arrays.equals(line, start, start + HASH_KEY.length, HASH_KEY, 0, HASH_KEY.length);
    }

    private static RecordLine parse(byte[] line, String place) throws BatchRefusedException {
        long number = 0;
        String previous = "";
        String hash = "";
        String event = "";
        String phase = "";
        String stream = "";
        try (JsonParser parser = JSON.createParser(line)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw refused(place, "not a JSON object");
            }
            for (String key = parser.nextFieldName(); key != null; key = parser.nextFieldName()) {
                JsonToken value = parser.nextToken();
                switch (key) {
                    case AuditFields.NUMBER -> number = value == JsonToken.VALUE_NUMBER_INT ? parser.getLongValue() : 0;
                    case AuditFields.PREVIOUS_HASH -> previous = text(parser);
                    case AuditFields.HASH -> hash = text(parser);
                    case AuditFields.EVENT_NAME -> event = text(parser);
                    case AuditFields.PHASE -> phase = text(parser);
                    case AuditFields.STREAM_ID -> stream = text(parser);
                    default -> parser.skipChildren();
                }
            }
            if (parser.nextToken() != null) {
                throw refused(place, "something after its JSON object");
            }
        } catch (IOException e) {
            throw refused(place, "not one JSON object without repeated members, at most " + DEPTH_MAX + " deep");
        }
        // A sidecar that could write them would put seals, findings and prune receipts into the log in the collector's
        // name.
        if (COLLECTORS_OWN.contains(event)) {
            throw refused(place, event + " (expected: an event of a sidecar)");
        }
        if (number < 1 || !isHash(previous) || !isHash(hash) || event.isEmpty()) {
            throw refused(place, "without event, number, previous hash or hash");
        }
        return new RecordLine(line, number, previous, hash, RecordLine.phaseOf(event, phase), stream);
    }

    private static String text(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            parser.skipChildren();
            return "";
        }
        return parser.getText();
    }

    private static boolean isHash(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if ((c < '0' || c > '9') && (c < 'a' || c > 'f')) {
                return false;
            }
        }
        return text.length() == HASH_DIGITS;
    }

    static BatchRefusedException refused(String place, String problem) {
        return new BatchRefusedException(Reason.CHAIN, place + ": " + problem);
    }
}
