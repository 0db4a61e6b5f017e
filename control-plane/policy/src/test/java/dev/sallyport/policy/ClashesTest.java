package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.PathTemplate.Overlap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClashesTest {
    private static final long SEED = 20_270_331;
    private static final List<String> SEGMENTS = List.of("a", "b", "c", "{x}", "{y}", "{x}");

    /** Against the comparison of all pairs. */
    @Test
    void clashIsFoundExactlyWhenSomePairClashes() {
        Random random = new Random(SEED);
        int clashes = 0;
        for (int round = 0; round < 2_000; round++) {
            Clashes<PathTemplate> index = new Clashes<>(new Clashes.Budget());
            List<PathTemplate> accepted = new ArrayList<>();
            for (int i = 0; i < 12; i++) {
                PathTemplate next = template(random);
                Optional<PathTemplate> found = index.add("GET", next, next);
                boolean expected = accepted.stream().anyMatch(earlier -> clash(earlier, next));

                assertThat(found.isPresent())
                        .as("%s after %s, seed %d, round %d", next, accepted, SEED, round)
                        .isEqualTo(expected);
                assertThat(found.stream().toList()).allMatch(earlier -> clash(earlier, next));
                clashes += expected ? 1 : 0;
                if (!expected) {
                    accepted.add(next);
                }
            }
        }
        assertThat(clashes).as("both outcomes are met").isBetween(2_000, 22_000);
    }

    @Test
    void methodsAreApart() {
        Clashes<String> index = new Clashes<>(new Clashes.Budget());

        assertThat(index.add("GET", PathTemplate.parse("/a"), "first")).isEmpty();
        assertThat(index.add("POST", PathTemplate.parse("/a"), "second")).isEmpty();
        assertThat(index.add("GET", PathTemplate.parse("/a"), "third")).contains("first");
    }

    /** A hundred thousand places to look at for each of some hundred templates: minutes, were it not bounded. */
    @Test
    void matchesThatOverlapInEveryWayAreRefusedBeforeTheyCostTime() {
        String tail = "/b".repeat(50) + "/{z}/q";
        String narrow = routes("n", 2, i -> "/a" + i + tail);
        String variables = IntStream.range(0, 51).mapToObj(i -> "/{v" + i + "}").collect(Collectors.joining());
        String wide = routes("w", 1, i -> variables + "/{z}/r" + i);

        assertThat(Mistakes.problems(Shop.MESH + Shop.policy("{" + narrow + ", " + wide + "}")))
                .singleElement()
                .asString()
                .contains("SP0303 spec.routes.w0.match[", "overlap in too many ways");
        assertThat(Mistakes.problems(Shop.MESH
                        + Shop.policy("{" + narrow + ", "
                                + wide.replace("GET", "PUT").replace("allow", "hosts: [h], allow") + "}")))
                .isEmpty();
    }

    /** Each with a thousand matches. */
    private static String routes(String name, int routes, IntFunction<String> path) {
        return IntStream.range(0, routes)
                .mapToObj(route -> name + route + ": {match: ["
                        + IntStream.range(0, 1_000)
                                .mapToObj(i -> "'GET " + path.apply(route * 1_000 + i) + "'")
                                .collect(Collectors.joining(", "))
                        + "], allow: {w: {from: web, user: none}}}")
                .collect(Collectors.joining(", "));
    }

    private static boolean clash(PathTemplate a, PathTemplate b) {
        Overlap overlap = a.overlap(b);
        return overlap == Overlap.SAME || overlap == Overlap.CROSSING;
    }

    private static PathTemplate template(Random random) {
        int length = 1 + random.nextInt(3);
        List<String> segments = new ArrayList<>();
        for (int i = 0; i < length; i++) {
            String segment = SEGMENTS.get(random.nextInt(SEGMENTS.size()));
            segments.add(segments.contains(segment) && segment.startsWith("{") ? "{z" + i + "}" : segment);
        }
        switch (random.nextInt(6)) {
            case 0 -> segments.add("**");
            case 1 -> segments.add("");
            default -> {}
        }
        return PathTemplate.parse("/" + String.join("/", segments));
    }
}
