package dev.sallyport.cli.documents;

import java.util.ArrayList;
import java.util.List;

/** Two texts, line by line, as {@code diff -u} shows them. */
final class UnifiedDiff {
    private static final int CONTEXT_LINES = 3;

    /** Beyond, a stretch of lines is shown as removed and written anew: a table of 16 MB is enough for a document. */
    private static final int CELLS_MAX = 4_000_000;

    private final List<Line> lines = new ArrayList<>();

    /** {@code sign}: blank in both, - in the first only, + in the second only. */
    private record Line(char sign, String text) {}

    private UnifiedDiff() {}

    /** Empty when they are the same. */
    static List<String> of(String name, String before, String after) {
        if (before.equals(after)) {
            return List.of();
        }
        UnifiedDiff diff = new UnifiedDiff();
        diff.compare(before.lines().toList(), after.lines().toList());
        List<String> out = new ArrayList<>(List.of("--- " + name, "+++ " + name + " (formatted)"));
        diff.hunks(out);
        return out;
    }

    private void compare(List<String> a, List<String> b) {
        int start = 0;
        while (start < Math.min(a.size(), b.size()) && a.get(start).equals(b.get(start))) {
            start++;
        }
        int end = 0;
        while (end < Math.min(a.size(), b.size()) - start
                && a.get(a.size() - 1 - end).equals(b.get(b.size() - 1 - end))) {
            end++;
        }
        add(' ', a.subList(0, start));
        middle(a.subList(start, a.size() - end), b.subList(start, b.size() - end));
        add(' ', a.subList(a.size() - end, a.size()));
    }

    /** By the longest common subsequence. */
    private void middle(List<String> a, List<String> b) {
        if ((long) a.size() * b.size() > CELLS_MAX) {
            add('-', a);
            add('+', b);
            return;
        }
        int[][] common = new int[a.size() + 1][b.size() + 1];
        for (int i = a.size() - 1; i >= 0; i--) {
            for (int j = b.size() - 1; j >= 0; j--) {
                common[i][j] = a.get(i).equals(b.get(j))
                        ? common[i + 1][j + 1] + 1
                        : Math.max(common[i + 1][j], common[i][j + 1]);
            }
        }
        int i = 0;
        int j = 0;
        while (i < a.size() || j < b.size()) {
            if (i < a.size() && j < b.size() && a.get(i).equals(b.get(j))) {
                lines.add(new Line(' ', a.get(i++)));
                j++;
            } else if (j == b.size() || (i < a.size() && common[i + 1][j] >= common[i][j + 1])) {
                lines.add(new Line('-', a.get(i++)));
            } else {
                lines.add(new Line('+', b.get(j++)));
            }
        }
    }

    private void add(char sign, List<String> texts) {
        texts.forEach(text -> lines.add(new Line(sign, text)));
    }

    private void hunks(List<String> out) {
        int from = 0; // of the lines that are not yet looked at
        int[] next = {1, 1}; // the numbers of that line in both texts
        while (from < lines.size()) {
            int first = changed(from);
            if (first == lines.size()) {
                return;
            }
            int last = first;
            for (int again = first; again < lines.size() && again - last - 1 <= 2 * CONTEXT_LINES; ) {
                last = again;
                again = changed(again + 1);
            }
            int start = Math.max(from, first - CONTEXT_LINES);
            int end = Math.min(lines.size(), last + 1 + CONTEXT_LINES);
            count(from, start, next);
            int[] begin = next.clone();
            count(start, end, next);
            out.add("@@ -" + range(begin[0], next[0]) + " +" + range(begin[1], next[1]) + " @@");
            lines.subList(start, end).forEach(line -> out.add(line.sign() + line.text()));
            from = end;
        }
    }

    private int changed(int from) {
        int at = from;
        while (at < lines.size() && lines.get(at).sign() == ' ') {
            at++;
        }
        return at;
    }

    private void count(int from, int to, int[] next) {
        for (Line line : lines.subList(from, to)) {
            next[0] += line.sign() == '+' ? 0 : 1;
            next[1] += line.sign() == '-' ? 0 : 1;
        }
    }

    /** The line before it where there is none. */
    private static String range(int begin, int end) {
        return (end == begin ? begin - 1 : begin) + "," + (end - begin);
    }
}
