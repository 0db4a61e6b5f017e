package dev.sallyport.proxy.exchange;

import dev.sallyport.audit.WordKey;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import javax.crypto.Mac;

/** Words that stand on record for values that must not ({@link WordKey}). A new epoch counts from the next word on. One per event loop; not thread-safe. */
public final class Pseudonyms {
    /** The same users and the same things come again and again, and an HMAC costs more than all else on a record. */
    private static final int KEPT_MAX = 1024;

    private static final int KEPT_CHARS_MAX = 256;
    private static final int KEPT_TEXT_CHARS = 1024;

    private final Supplier<WordKey> keys;
    private WordKey key;
    private Mac mac;
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

    /** {@code keys}: the key of the epoch, asked for each word; quick. */
    public Pseudonyms(Supplier<WordKey> keys, boolean clearSubjects) {
        this.keys = keys;
        this.clearSubjects = clearSubjects;
        this.key = keys.get();
        this.mac = key.mac();
    }

    private void follow() {
        WordKey now = keys.get();
        if (now.epoch() != key.epoch()) {
            key = now;
            mac = now.mac();
            kept.clear();
            lastSubject = "";
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

    /** The same value is the same word as long as the epoch lasts. */
    public String of(String value) {
        follow();
        String known = kept.get(value);
        if (known == null) {
            known = key.word(mac, value);
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
        follow();
        if (!subject.equals(lastSubject) || !issuer.equals(lastIssuer)) {
            lastWord = of(WordKey.subject(issuer, subject));
            lastSubject = subject;
            lastIssuer = issuer;
        }
        return lastWord;
    }
}
