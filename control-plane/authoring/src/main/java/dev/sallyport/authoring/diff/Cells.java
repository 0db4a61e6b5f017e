package dev.sallyport.authoring.diff;

import dev.sallyport.policy.PathTemplate;
import dev.sallyport.policy.PathTemplate.Overlap;
import dev.sallyport.policy.PathTemplate.Segment;
import dev.sallyport.policy.RoutePolicy;
import dev.sallyport.policy.RoutePolicy.Match;
import dev.sallyport.policy.RoutePolicy.Route;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * All requests to a service, cut so finely that within a cell two policies each have one answer: a cell for every template of either, and for what two crossing templates of the one
 * and the other have in common.
 */
final class Cells {
    private final List<RoutePolicy> policies;
    private final List<PathTemplate> avoided;
    private final boolean emptySegments;

    private Cells(Stream<RoutePolicy> policies, List<PathTemplate> avoided, boolean emptySegments) {
        this.policies = policies.toList();
        this.avoided = avoided;
        this.emptySegments = emptySegments;
    }

    /** {@code avoided}: templates whose literals no sample has by chance; {@code emptySegments}: a port relaxes them, so that there are paths which only a rest matches. */
    static List<Cell> of(
            Optional<RoutePolicy> before,
            Optional<RoutePolicy> after,
            List<PathTemplate> avoided,
            boolean emptySegments) {
        return new Cells(Stream.concat(before.stream(), after.stream()), avoided, emptySegments).cut();
    }

    private List<Cell> cut() {
        List<Cell> cells = new ArrayList<>();
        Set<String> hosts = new TreeSet<>();
        Set<Integer> ports = new TreeSet<>();
        policies.forEach(policy -> policy.routes().values().forEach(route -> {
            hosts.addAll(route.hosts());
            route.matches().forEach(match -> {
                if (match instanceof Match.Tcp(int port)) {
                    ports.add(port);
                }
            });
        }));
        cells.addAll(ofHost(Optional.empty()));
        hosts.forEach(host -> cells.addAll(ofHost(Optional.of(host))));
        ports.forEach(port -> cells.add(Cell.tcp(port)));
        return cells;
    }

    /** What is asked of one host, or of any that no route names: by method, each template once. */
    private List<Cell> ofHost(Optional<String> host) {
        Map<String, List<Set<PathTemplate>>> byMethod = new TreeMap<>();
        for (int i = 0; i < policies.size(); i++) {
            for (Route route : policies.get(i).routes().values()) {
                if (route.hosts().isEmpty()
                        || host.filter(name -> route.hosts().contains(name)).isPresent()) {
                    for (Match match : route.matches()) {
                        add(byMethod, match, i);
                    }
                }
            }
        }
        List<Cell> cells = new ArrayList<>();
        byMethod.forEach((method, templates) -> {
            Set<PathTemplate> all = new LinkedHashSet<>();
            templates.forEach(all::addAll);
            all.addAll(crossings(templates));
            Fresh fresh =
                    Fresh.among(Stream.concat(all.stream(), avoided.stream()).toList());
            all.forEach(template -> fresh.paths(template, emptySegments).stream()
                    .filter(path -> all.stream().noneMatch(other -> isCloser(other, template, path)))
                    .forEach(path -> cells.add(Cell.http(host, method, template, path))));
        });
        return cells;
    }

    /** Such a path is in the cell of {@code other}. */
    private static boolean isCloser(PathTemplate other, PathTemplate template, String path) {
        return other.matches(path) && other.overlap(template) == Overlap.WITHIN;
    }

    private void add(Map<String, List<Set<PathTemplate>>> byMethod, Match match, int policy) {
        Optional<String> method = switch (match) {
            case Match.Http http -> Optional.of(http.method());
            case Match.Grpc _ -> Optional.of("POST");
            case Match.Tcp _ -> Optional.empty();
        };
        method.ifPresent(name -> byMethod.computeIfAbsent(
                        name,
                        _ -> Stream.<Set<PathTemplate>>generate(HashSet::new)
                                .limit(policies.size())
                                .toList())
                .get(policy)
                .add(match.template().orElseThrow()));
    }

    /** What neither template of a crossing pair has alone. Within one policy nothing crosses. */
    private static List<PathTemplate> crossings(List<Set<PathTemplate>> templates) {
        List<PathTemplate> found = new ArrayList<>();
        if (templates.size() == 2) {
            for (PathTemplate one : templates.getFirst()) {
                for (PathTemplate other : templates.getLast()) {
                    if (one.overlap(other) == Overlap.CROSSING) {
                        found.add(common(one, other));
                    }
                }
            }
        }
        return found;
    }

    /** At each place the more specific of the two. */
    private static PathTemplate common(PathTemplate one, PathTemplate other) {
        StringBuilder text = new StringBuilder();
        int length = Math.max(one.segments().size(), other.segments().size());
        for (int i = 0; i < length; i++) {
            Segment a = at(one, i);
            Segment b = at(other, i);
            Segment closer = rank(a) <= rank(b) ? a : b;
            text.append('/')
                    .append(
                            switch (closer) {
                                case Segment.Literal(String literal) -> literal;
                                case Segment.Variable _ -> "{v" + i + "}";
                                case Segment.Rest _ -> "**";
                            });
        }
        return PathTemplate.parse(text.toString());
    }

    /** A rest goes on for ever. */
    private static Segment at(PathTemplate template, int index) {
        return template.segments().get(Math.min(index, template.segments().size() - 1));
    }

    private static int rank(Segment segment) {
        return switch (segment) {
            case Segment.Literal _ -> 0;
            case Segment.Variable _ -> 1;
            case Segment.Rest _ -> 2;
        };
    }

    /** Paths made of a word that no template has, so that nothing more specific matches. */
    private record Fresh(String word, int length) {
        static Fresh among(List<PathTemplate> templates) {
            String word = "any";
            int length = 1;
            for (PathTemplate template : templates) {
                length = Math.max(length, template.segments().size());
                for (Segment segment : template.segments()) {
                    while (segment instanceof Segment.Literal(String literal)
                            && literal.toLowerCase(Locale.ROOT).startsWith(word)) {
                        word += "-";
                    }
                }
            }
            return new Fresh(word, length);
        }

        /** One; for a rest one of every depth up to below all other templates, with and without a trailing slash: what two rests have in common ends at some depth. */
        List<String> paths(PathTemplate template, boolean emptySegments) {
            StringBuilder path = new StringBuilder();
            List<String> paths = new ArrayList<>();
            for (Segment segment : template.segments()) {
                switch (segment) {
                    case Segment.Literal(String literal) -> path.append('/').append(literal);
                    case Segment.Variable _ -> path.append('/').append(word);
                    case Segment.Rest _ -> {
                        for (int depth = 1; depth <= length + 1; depth++) {
                            if (emptySegments) { // where it stands decides which rests match, what follows does not
                                paths.add(path + "//" + word);
                            }
                            path.append('/').append(word);
                            paths.add(path.toString());
                            paths.add(path + "/");
                        }
                    }
                }
            }
            return paths.isEmpty() ? List.of(path.toString()) : paths;
        }
    }
}
