package dev.sallyport.document;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The known word that a mistyped one was meant to be. */
public final class Nearest {
    private static final int MISTAKES_MAX = 2;
    private static final int COMPARED_CHARACTERS_MAX = 64;
    private static final int COMPARED_WORDS_MAX = 500;
    private static final int LISTED_WORDS_MAX = 16;

    private Nearest() {}

    /** The known word within two typing mistakes, fewer than half of its letters; the first on a tie, of the first 500. */
    public static Optional<String> to(String word, Collection<String> known) {
        Optional<String> nearest = Optional.empty();
        int best = MISTAKES_MAX + 1;
        for (String candidate : (Iterable<String>) known.stream().limit(COMPARED_WORDS_MAX)::iterator) {
            int mistakes = mistakes(word, candidate);
            if (mistakes < best && 2 * mistakes < Math.max(candidate.length(), 3)) {
                best = mistakes;
                nearest = Optional.of(candidate);
            }
        }
        return nearest;
    }

    /** {@code a, b, c, … 17 more}: for messages, which nobody reads when they hold everything. */
    public static String list(Collection<String> words) {
        String listed = words.stream().limit(LISTED_WORDS_MAX).collect(Collectors.joining(", "));
        int more = words.size() - LISTED_WORDS_MAX;
        return more > 0 ? listed + ", … " + more + " more" : listed;
    }

    static String unknown(String key, Collection<String> known) {
        List<String> sorted = known.stream().sorted().toList();
        return to(key, known)
                .map(nearest -> "unknown (did you mean " + nearest + "?)")
                .orElse("unknown (expected: " + (sorted.isEmpty() ? "no key" : "one of " + String.join(", ", sorted))
                        + ")");
    }

    /** Insertions, deletions, replacements and swaps of neighbours (optimal string alignment). */
    private static int mistakes(String a, String b) {
        boolean tooLong = a.length() > COMPARED_CHARACTERS_MAX || b.length() > COMPARED_CHARACTERS_MAX;
        if (tooLong || Math.abs(a.length() - b.length()) > MISTAKES_MAX) {
            return COMPARED_CHARACTERS_MAX;
        }
        int[][] d = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                if (i == 0 || j == 0) {
                    d[i][j] = i + j;
                    continue;
                }
                int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
                d[i][j] = Math.min(replaced, Math.min(d[i - 1][j], d[i][j - 1]) + 1);
                boolean swapped =
                        i > 1 && j > 1 && a.charAt(i - 1) == b.charAt(j - 2) && a.charAt(i - 2) == b.charAt(j - 1);
                if (swapped) {
                    d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
                }
            }
        }
        return d[a.length()][b.length()];
    }
}
