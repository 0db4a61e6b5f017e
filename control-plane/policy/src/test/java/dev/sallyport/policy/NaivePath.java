package dev.sallyport.policy;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.text.Normalizer;
import java.util.List;
import java.util.Locale;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** Whether a target is canonical, in regular expressions and whole strings, with nothing of the product: what it is compared with. A character a byte. */
final class NaivePath {
    private static final Pattern SEGMENT = Pattern.compile("(?:[A-Za-z0-9._~!$&'()*+,=:@;-]|%[0-9A-Fa-f]{2})*");
    private static final Pattern PARAMETERS = Pattern.compile("(?:;[^;=]+=[^;]*)+");
    private static final Pattern ENCODED = Pattern.compile("(?:%[0-9A-Fa-f]{2})+");
    private static final Pattern DOUBLE = Pattern.compile("%25[0-9A-Fa-f]{2}");
    private static final Pattern FORBIDDEN =
            Pattern.compile("[A-Za-z0-9._~/\\\\;\uFFFD\u2044\u2215\u2216-]"); // when encoded

    private NaivePath() {}

    /** Of an origin form. */
    static boolean accepts(String target, Relaxations relaxed) {
        if (target.length() > 8192 || !target.matches("/[!-~]*") || target.contains("#")) {
            return false;
        }
        String path = target.split("\\?", 2)[0];
        String[] segments = path.substring(1).split("/", -1);
        for (int i = 0; i < segments.length; i++) {
            boolean empty = segments[i].isEmpty() && i < segments.length - 1;
            if ((empty && !relaxed.emptySegments()) || !acceptsSegment(segments[i], relaxed)) {
                return false;
            }
        }
        return true;
    }

    private static boolean acceptsSegment(String segment, Relaxations relaxed) {
        if (!SEGMENT.matcher(segment).matches() || DOUBLE.matcher(segment).find()) {
            return false;
        }
        int semicolon = segment.indexOf(';');
        String name = semicolon < 0 ? segment : segment.substring(0, semicolon);
        String parameters = segment.substring(name.length());
        if (semicolon >= 0
                && (!relaxed.matrixParameters()
                        || !PARAMETERS.matcher(parameters).matches()
                        || name.isEmpty()
                        || name.toLowerCase(Locale.ROOT).endsWith("%2f"))) {
            return false;
        }
        List<String> pieces = relaxed.encodedSlash() ? List.of(name.split("(?i)%2f", -1)) : List.of(name);
        return pieces.stream().noneMatch(NaivePath::isDots)
                && pieces.stream().allMatch(NaivePath::acceptsEncoded)
                && acceptsEncoded(parameters);
    }

    private static boolean isDots(String piece) {
        return piece.replace("%20", "").matches("\\.{1,2}");
    }

    private static boolean acceptsEncoded(String text) {
        return ENCODED.matcher(text).results().map(MatchResult::group).allMatch(NaivePath::acceptsRun);
    }

    private static boolean acceptsRun(String run) {
        String[] octets = run.substring(1).split("%", -1);
        byte[] bytes = new byte[octets.length];
        for (int i = 0; i < octets.length; i++) {
            bytes[i] = (byte) Integer.parseInt(octets[i], 16);
        }
        String text;
        try {
            text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException notUtf8) {
            return false;
        }
        return !FORBIDDEN.matcher(text).find()
                && text.codePoints().noneMatch(Character::isISOControl)
                && text.codePoints().filter(c -> c >= 0x80).noneMatch(NaivePath::foldsIntoAscii);
    }

    private static boolean foldsIntoAscii(int character) {
        return Normalizer.normalize(Character.toString(character), Normalizer.Form.NFKC)
                .chars()
                .anyMatch(c -> c < 0x80);
    }
}
