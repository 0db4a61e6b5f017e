package dev.sallyport.document;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The known word that a mistyped one was meant to be. */
public final class Nearest {
    private static final int MISTAKES_MAX = 2;
    private static final int COMPARED_WORDS_MAX = 1_000;
    private static final int LISTED_WORDS_MAX = 16;

    private Nearest() {}

    /** The known word within two typing mistakes, fewer than half of its letters; the first on a tie, of the first 1000. */
    public static Optional<String> to(String word, Collection<String> known) {
        Optional<String> nearest = Optional.empty();
        int best = MISTAKES_MAX + 1;
        for (String candidate : (Iterable<String>) known.stream().limit(COMPARED_WORDS_MAX)::iterator) {
            int mistakes = mistakes(word, 0, candidate, 0, MISTAKES_MAX);
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

    /**
     * Insertions, deletions, replacements and swaps of neighbours that make the rest of {@code a} from {@code i} on that of {@code b} from {@code j} on; more than {@code most} if there
     * are more. No table: at most two mistakes are tried at each place where the words part, so that a thousand words cost nothing.
     */
    private static int mistakes(String a, int i, String b, int j, int most) {
        int at = i;
        int against = j;
        while (at < a.length() && against < b.length() && a.charAt(at) == b.charAt(against)) {
            at++;
            against++;
        }
        int left = a.length() - at;
        int leftOfOther = b.length() - against;
        if (left == 0 && leftOfOther == 0) {
            return 0;
        }
        if (Math.abs(left - leftOfOther) > most || most == 0) {
            return most + 1;
        }
        int fewest = most;
        if (left > 0 && leftOfOther > 0) {
            fewest = Math.min(fewest, mistakes(a, at + 1, b, against + 1, most - 1));
        }
        if (left > 0) {
            fewest = Math.min(fewest, mistakes(a, at + 1, b, against, most - 1));
        }
        if (leftOfOther > 0) {
            fewest = Math.min(fewest, mistakes(a, at, b, against + 1, most - 1));
        }
        boolean swapped = left > 1
                && leftOfOther > 1
                && a.charAt(at) == b.charAt(against + 1)
                && a.charAt(at + 1) == b.charAt(against);
        if (swapped) {
            fewest = Math.min(fewest, mistakes(a, at + 2, b, against + 2, most - 1));
        }
        return 1 + fewest;
    }
}
