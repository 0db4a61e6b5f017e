package dev.sallyport.audit.tlog;

import java.util.Base64;
import java.util.Optional;

/** Base64 with padding (RFC 4648 section 4), read strictly: a second spelling of the same bytes would be a second note with the same meaning. */
final class Base64Text {
    private Base64Text() {}

    static String encode(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    static Optional<byte[]> decode(String text) {
        try {
            byte[] bytes = Base64.getDecoder().decode(text);
            return encode(bytes).equals(text) ? Optional.of(bytes) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
