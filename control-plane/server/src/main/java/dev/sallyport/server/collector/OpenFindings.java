package dev.sallyport.server.collector;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What is open, by kind and by whom it is about, with room for each: whoever makes findings of one kind about itself takes no room from another kind, nor from another service. What
 * finds no room is counted. Any thread; never waits for a disk.
 */
final class OpenFindings {
    /** Of one kind about one service: beyond that they are all the same news. */
    static final int ABOUT_ONE_MAX = 16;
    /** Of one kind, whoever they are about: more services than this would have to be hostile together. */
    private static final int KIND_MAX = 10_000;
    /** Subjects without room that are told apart, of one kind about one service. */
    private static final int BEYOND_MAX = 1000;

    /** The outcome of {@link #admit}; FIRST_BEYOND: the first for which there is no room, which is news. */
    enum Admission {
        NEW,
        OPEN_ALREADY,
        FIRST_BEYOND,
        BEYOND
    }

    /** {@code n} more than have room, at least; {@code id}: of the newest finding that has. */
    record More(long id, int n) {}

    /** Findings of one kind about one service: ids by subject, 0 while its row is being written. */
    private static final class About {
        final Map<String, Long> ids = new HashMap<>();
        final Set<String> beyond = new HashSet<>();
        More said = new More(0, 0);
    }

    private final Map<FindingKind, Map<String, About>> kinds = new EnumMap<>(FindingKind.class); // guarded by this
    private final Map<FindingKind, Long> dropped = new EnumMap<>(FindingKind.class);

    /** Streams and sidecars begin with their service; a service is one identity's, since nobody else may begin a stream under its name. */
    private static String service(String subject) {
        int slash = subject.indexOf('/');
        return slash < 0 ? subject : subject.substring(0, slash);
    }

    private About about(FindingKind kind, String subject) {
        return kinds.computeIfAbsent(kind, _ -> new HashMap<>()).computeIfAbsent(service(subject), _ -> new About());
    }

    synchronized Admission admit(FindingKind kind, String subject) {
        boolean full = count(kind) >= KIND_MAX;
        About about = about(kind, subject);
        if (about.ids.containsKey(subject)) {
            return Admission.OPEN_ALREADY;
        }
        if (!full && about.ids.size() < ABOUT_ONE_MAX) {
            about.ids.put(subject, 0L);
            about.beyond.remove(subject);
            return Admission.NEW;
        }
        boolean first = about.beyond.isEmpty();
        // The same one is found again at each look.
        boolean told = about.beyond.size() < BEYOND_MAX ? about.beyond.add(subject) : !about.beyond.contains(subject);
        if (told) {
            dropped(kind);
        }
        return first ? Admission.FIRST_BEYOND : Admission.BEYOND;
    }

    /** Its row is there. */
    synchronized void put(FindingKind kind, String subject, long id) {
        about(kind, subject).ids.put(subject, id);
    }

    synchronized void remove(FindingKind kind, String subject) {
        About about = about(kind, subject);
        about.ids.remove(subject);
        if (about.ids.isEmpty()) {
            kinds.getOrDefault(kind, Map.of()).remove(service(subject));
        }
    }

    synchronized Optional<Long> id(FindingKind kind, String subject) {
        return Optional.ofNullable(kinds.getOrDefault(kind, Map.of()).get(service(subject)))
                .flatMap(about -> Optional.ofNullable(about.ids.get(subject)));
    }

    synchronized List<String> subjects(FindingKind kind) {
        List<String> subjects = new ArrayList<>();
        of(kind).forEach(about -> subjects.addAll(about.ids.keySet()));
        return subjects;
    }

    synchronized int count(FindingKind kind) {
        return of(kind).stream().mapToInt(about -> about.ids.size()).sum();
    }

    private Collection<About> of(FindingKind kind) {
        return kinds.getOrDefault(kind, Map.of()).values();
    }

    synchronized void dropped(FindingKind kind) {
        dropped.merge(kind, 1L, Long::sum);
    }

    /** How many of a kind found no room since the start. */
    synchronized long countDropped(FindingKind kind) {
        return dropped.getOrDefault(kind, 0L);
    }

    /** What has changed since the last call of how many have no room. */
    synchronized List<More> news() {
        List<More> news = new ArrayList<>();
        for (FindingKind kind : kinds.keySet()) {
            for (About about : of(kind)) {
                long newest = about.ids.isEmpty() ? 0 : Collections.max(about.ids.values());
                More more = new More(newest, about.beyond.size());
                if (more.id() > 0 && more.n() > 0 && !more.equals(about.said)) {
                    about.said = more;
                    news.add(more);
                }
            }
        }
        return news;
    }
}
