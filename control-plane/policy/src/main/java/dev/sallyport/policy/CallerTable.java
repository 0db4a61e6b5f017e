package dev.sallyport.policy;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Caller → the rules of a route that name it, so that a decision costs the same however many rules name others. Positions are those of the rules by rank; routes whose rules name the
 * same callers in the same order share one table.
 */
final class CallerTable {
    private static final int[] NONE = {};

    private final int[] callers; // sorted
    private final int[][] positions;

    private CallerTable(int[] callers, int[][] positions) {
        this.callers = callers;
        this.positions = positions;
    }

    static CallerTable of(List<CallerSet> rules) {
        SortedMap<Integer, List<Integer>> byCaller = new TreeMap<>();
        for (int i = 0; i < rules.size(); i++) {
            int position = i;
            rules.get(i)
                    .members()
                    .forEach(caller -> byCaller.computeIfAbsent(caller, _ -> new ArrayList<>())
                            .add(position));
        }
        Map<List<Integer>, int[]> shared = new HashMap<>();
        int[][] positions = byCaller.values().stream()
                .map(list -> shared.computeIfAbsent(
                        list, same -> same.stream().mapToInt(Integer::intValue).toArray()))
                .toArray(int[][]::new);
        return new CallerTable(
                byCaller.keySet().stream().mapToInt(Integer::intValue).toArray(), positions);
    }

    int[] of(int caller) {
        int at = Arrays.binarySearch(callers, caller);
        return at < 0 ? NONE : positions[at];
    }
}
