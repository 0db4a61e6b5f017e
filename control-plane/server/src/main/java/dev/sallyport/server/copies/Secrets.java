package dev.sallyport.server.copies;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.List;

/**
 * What we sent to a sink and nobody else may read. Some sinks repeat the token that they refuse, and what they say is shown in the status and in our log: without this, whoever may read
 * those may write to the sink.
 */
final class Secrets {
    /** Shorter words hide too much of an ordinary answer, and its structure. */
    private static final int CHARS_MIN = 8;

    private final List<byte[]> words = new ArrayList<>();

    /** {@code values}: of headers; each word of theirs counts, and what a word is in Base64, as a user's name and password are (RFC 7617). */
    Secrets(Collection<String> values) {
        for (String value : values) {
            for (String word : value.split("[ ,;]+", -1)) {
                add(word);
                decoded(word);
            }
        }
    }

    private void decoded(String word) {
        try {
            String text = new String(Base64.getDecoder().decode(word), StandardCharsets.ISO_8859_1);
            add(text);
            add(text.substring(text.indexOf(':') + 1));
        } catch (IllegalArgumentException e) {
            // It is none.
        }
    }

    private void add(String word) {
        if (word.length() >= CHARS_MIN) {
            words.add(word.getBytes(StandardCharsets.ISO_8859_1));
        }
    }

    /** {@code text} with an asterisk for each character that is secret; the same one where there is none. */
    byte[] hidden(byte[] text) {
        byte[] shown = text;
        for (byte[] word : words) {
            for (int at = indexOf(shown, word, 0); at >= 0; at = indexOf(shown, word, at + word.length)) {
                shown = shown == text ? text.clone() : shown;
                Arrays.fill(shown, at, at + word.length, (byte) '*');
            }
        }
        return shown;
    }

    private static int indexOf(byte[] text, byte[] word, int from) {
        for (int at = from; at <= text.length - word.length; at++) {
            if (text[at] == word[0] && Arrays.equals(text, at, at + word.length, word, 0, word.length)) {
                return at;
            }
        }
        return -1;
    }
}
