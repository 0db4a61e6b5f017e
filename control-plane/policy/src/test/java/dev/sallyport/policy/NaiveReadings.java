package dev.sallyport.policy;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Every way in which some application might read a path that a relaxation admits, each as its segments, decoded. All combinations: for short paths. */
final class NaiveReadings {
    private NaiveReadings() {}

    /** Without parameters; each {@code %2F} data or a separator, each empty segment there or not. */
    static Set<List<String>> of(String path) {
        Set<List<String>> readings = Set.of(List.of());
        for (String raw : path.substring(1).split("/", -1)) {
            Set<List<String>> longer = new HashSet<>();
            for (List<String> segments : segments(raw.replaceFirst(";.*", ""))) {
                readings.forEach(reading -> longer.add(Dice.join(reading, segments)));
            }
            readings = longer;
        }
        Set<List<String>> merged = new HashSet<>();
        readings.forEach(reading -> merged.addAll(merged(reading)));
        return merged;
    }

    /** Of one raw segment, cut at any of its {@code %2F}. */
    private static Set<List<String>> segments(String name) {
        String[] pieces = name.split("(?i)%2f", -1);
        Set<List<String>> cut = Set.of(List.of(decoded(pieces[0])));
        for (int i = 1; i < pieces.length; i++) {
            String piece = decoded(pieces[i]);
            Set<List<String>> longer = new HashSet<>();
            for (List<String> before : cut) {
                longer.add(Dice.join(before, List.of(piece)));
                List<String> joined = new ArrayList<>(before);
                joined.set(joined.size() - 1, joined.getLast() + "/" + piece);
                longer.add(joined);
            }
            cut = longer;
        }
        return cut;
    }

    private static Set<List<String>> merged(List<String> reading) {
        Set<List<String>> some = Set.of(List.of());
        for (String segment : reading) {
            Set<List<String>> longer = new HashSet<>();
            for (List<String> before : some) {
                longer.add(Dice.join(before, List.of(segment)));
                if (segment.isEmpty()) {
                    longer.add(before);
                }
            }
            some = longer;
        }
        return some;
    }

    static String decoded(String segment) {
        return new String(NaiveQuery.octets(segment), StandardCharsets.UTF_8);
    }
}
