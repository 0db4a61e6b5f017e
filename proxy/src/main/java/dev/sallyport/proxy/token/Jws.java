package dev.sallyport.proxy.token;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.util.Base64URL;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.Base64;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The three parts of a compact JWS, each in the one canonical encoding; header and payload read strictly. */
record Jws(
        JWSHeader header,
        Map<String, Object> fields,
        Map<String, Object> payload,
        String signingInput,
        Base64URL signature) {
    private static final int KEY_ID_SHOWN_MAX = 64;
    private static final String APPLICATION = "application/";

    static Optional<Jws> parse(String token) {
        String[] parts = token.split("\\.", 4);
        if (parts.length != 3) {
            return Optional.empty();
        }
        try {
            Map<String, Object> fields = StrictJson.object(decoded(parts[0]));
            Map<String, Object> payload = StrictJson.object(decoded(parts[1]));
            decoded(parts[2]);
            if (parts[2].isEmpty()) {
                return Optional.empty();
            }
            JWSHeader header = JWSHeader.parse(new Base64URL(parts[0])); // Refuses "none".
            String input = token.substring(0, token.lastIndexOf('.'));
            return Optional.of(new Jws(header, fields, payload, input, new Base64URL(parts[2])));
        } catch (IOException | ParseException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static byte[] decoded(String part) throws IOException {
        byte[] bytes = Base64.getUrlDecoder().decode(part);
        if (!Base64.getUrlEncoder().withoutPadding().encodeToString(bytes).equals(part)) {
            throw new IOException("not canonical base64url");
        }
        return bytes;
    }

    /** The bytes that were signed for, decoded. */
    byte[] payloadBytes() {
        return Base64.getUrlDecoder().decode(signingInput.substring(signingInput.indexOf('.') + 1));
    }

    /** No extension that we would have to understand (RFC 7515 section 4.1.11), no unencoded payload, no compression, and a key id that is a text. */
    boolean plain() {
        Object keyId = fields.get("kid");
        return !fields.containsKey("crit")
                && !fields.containsKey("b64")
                && !fields.containsKey("zip")
                && (keyId == null || keyId instanceof String);
    }

    /** {@code typ} in lower case, without {@code application/} (RFC 7515 section 4.1.9); empty when there is none, or none that is a text. */
    Optional<String> type() {
        return fields.get("typ") instanceof String text
                ? Optional.of(text.toLowerCase(Locale.ROOT))
                        .map(type -> type.startsWith(APPLICATION) ? type.substring(APPLICATION.length()) : type)
                : Optional.empty();
    }

    /** Whether {@code key} made its signature. */
    boolean signedBy(JWSVerifier key) {
        try {
            return key.verify(header, signingInput.getBytes(StandardCharsets.US_ASCII), signature);
        } catch (JOSEException e) {
            return false;
        }
    }

    /** For the record; empty where it could be anything, another token among it. */
    Optional<String> shownKeyId() {
        return keyId().filter(
                        id -> id.length() <= KEY_ID_SHOWN_MAX && id.chars().allMatch(c -> c > 0x20 && c < 0x7f));
    }

    /** Never what it says: who has it is the user. */
    @Override
    public String toString() {
        return "Jws";
    }

    Optional<String> keyId() {
        return Optional.ofNullable(header.getKeyID());
    }
}
