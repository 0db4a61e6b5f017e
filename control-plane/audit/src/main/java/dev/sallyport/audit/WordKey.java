package dev.sallyport.audit;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key of one epoch, with which values that must not be on record become words that may: {@code k}, the epoch, a hyphen and the first 16 hex digits of an HMAC-SHA256 over the value. The word names its epoch, so that
 * whoever may read the keys knows which one to take. Epoch 0 is that of logs from before there were epochs, {@code k-…}. Any thread.
 */
public final class WordKey {
    static final int KEY_BYTES = 32;

    private static final String ALGORITHM = "HmacSHA256";
    private static final int HASH_BYTES = 8;
    private static final Pattern WORD = Pattern.compile("k(\\d{0,6})-.*");

    private final int epoch;
    private final String prefix;
    private final SecretKeySpec key;

    /** {@code key}: 32 random bytes. */
    public WordKey(int epoch, byte[] key) {
        this.epoch = epoch;
        this.prefix = epoch == 0 ? "k-" : "k" + epoch + "-";
        this.key = new SecretKeySpec(key, ALGORITHM);
    }

    public int epoch() {
        return epoch;
    }

    /** For one thread, which makes many words. */
    public Mac mac() {
        try {
            Mac mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            return mac;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    /** {@code mac}: one of {@link #mac}. */
    public String word(Mac mac, String value) {
        return prefix + HexFormat.of().formatHex(mac.doFinal(value.getBytes(StandardCharsets.UTF_8)), 0, HASH_BYTES);
    }

    public String word(String value) {
        return word(mac(), value);
    }

    /** What stands on record for a user; subjects of two issuers are two people. */
    public static String subject(String issuer, String subject) {
        return issuer + "\n" + subject;
    }

    /** Of a keyed word; empty for what is none. */
    public static OptionalInt epochOf(String word) {
        Matcher matcher = WORD.matcher(word);
        if (!matcher.matches()) {
            return OptionalInt.empty();
        }
        String digits = matcher.group(1);
        return OptionalInt.of(digits.isEmpty() ? 0 : Integer.parseInt(digits));
    }

    /** Never the key. */
    @Override
    public String toString() {
        return "WordKey[epoch " + epoch + "]";
    }
}
