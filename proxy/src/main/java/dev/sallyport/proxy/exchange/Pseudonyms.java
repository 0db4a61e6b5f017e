package dev.sallyport.proxy.exchange;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Words that stand on record for values that must not: {@code k-} and the first 16 hex digits of an HMAC-SHA256 under the audit key. One per event loop; not thread-safe. */
public final class Pseudonyms {
    private static final HexFormat HEX = HexFormat.of();
    private final Mac mac;
    private final boolean clearSubjects;

    public Pseudonyms(byte[] auditKey, boolean clearSubjects) {
        this.clearSubjects = clearSubjects;
        try {
            mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(auditKey, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    /** The same value is the same word as long as the key lives. */
    public String of(String value) {
        return "k-" + HEX.formatHex(mac.doFinal(value.getBytes(StandardCharsets.UTF_8)), 0, 8);
    }

    /** The user on record: keyed with its issuer, because subjects of two issuers are two people; or as it is, when the operator chose so. */
    public String ofSubject(String issuer, String subject) {
        return clearSubjects ? subject : of(issuer + "\n" + subject);
    }
}
