package dev.sallyport.proxy.exchange;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Words that stand on record for values that must not: {@code k-} and the first 16 hex digits of an HMAC-SHA256 under the audit key. One per event loop; not thread-safe. */
public final class Pseudonyms {
    private static final HexFormat HEX = HexFormat.of();
    /** The same users and the same things come again and again, and an HMAC costs more than all else on a record. */
    private static final int KEPT_MAX = 1024;

    private static final int KEPT_CHARS_MAX = 256;
    private static final int KEPT_TEXT_CHARS = 1024;

    private final Mac mac;
    private final LinkedHashMap<String, String> kept = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > KEPT_MAX;
        }
    };
    private final boolean clearSubjects;
    private StringBuilder text = new StringBuilder(KEPT_TEXT_CHARS);
    private String lastIssuer = "";
    private String lastSubject = "";
    private String lastWord = "";

    public Pseudonyms(byte[] auditKey, boolean clearSubjects) {
        this.clearSubjects = clearSubjects;
        try {
            mac = Mac.getInstance("HmacSHA256");
            mac.init(new SecretKeySpec(auditKey, "HmacSHA256"));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every JDK has HmacSHA256", e);
        }
    }

    /** An empty one for a text with such words, until the next call. */
    public StringBuilder text() {
        if (text.capacity() > KEPT_TEXT_CHARS) {
            text = new StringBuilder(KEPT_TEXT_CHARS);
        }
        text.setLength(0);
        return text;
    }

    /** The same value is the same word as long as the key lives. */
    public String of(String value) {
        String known = kept.get(value);
        if (known == null) {
            known = "k-" + HEX.formatHex(mac.doFinal(value.getBytes(StandardCharsets.UTF_8)), 0, 8);
            if (value.length() <= KEPT_CHARS_MAX) {
                kept.put(value, known);
            }
        }
        return known;
    }

    /** The user on record: keyed with its issuer, because subjects of two issuers are two people; or as it is, when the operator chose so. */
    public String ofSubject(String issuer, String subject) {
        if (clearSubjects) {
            return subject;
        }
        if (!subject.equals(lastSubject) || !issuer.equals(lastIssuer)) {
            lastWord = of(issuer + "\n" + subject);
            lastSubject = subject;
            lastIssuer = issuer;
        }
        return lastWord;
    }
}
