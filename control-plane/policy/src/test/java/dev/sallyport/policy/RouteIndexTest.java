package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.policy.PathTemplate.Overlap;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;

class RouteIndexTest {
    private static final List<String> TEMPLATES = List.of(
            "/",
            "/a",
            "/b",
            "/a/",
            "/{x}",
            "/**",
            "/a/b",
            "/a/{x}",
            "/{x}/b",
            "/{x}/{y}",
            "/a/**",
            "/{x}/**",
            "/a/{x}/",
            "/a/{x}/c",
            "/a/b/c",
            "/{x}/b/**",
            "/b/**",
            "/a/b/");

    /** What the loader relies on: the index finds exactly the templates that have a path in common, slot by slot. */
    @Test
    void everyTemplateThatOverlapsIsFound() {
        long seed = Long.getLong("sallyport.seed", System.nanoTime());
        RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
        for (int round = 0; round < 2000; round++) {
            RouteIndex<PathTemplate> index = new RouteIndex<>();
            List<PathTemplate> added = new ArrayList<>();
            for (String text : TEMPLATES) {
                if (random.nextInt(3) == 0) {
                    PathTemplate template = PathTemplate.parse(text);
                    index.add("GET", template, template);
                    added.add(template);
                }
            }
            PathTemplate probe = PathTemplate.parse(TEMPLATES.get(random.nextInt(TEMPLATES.size())));

            assertThat(index.overlapping("GET", probe))
                    .as("seed %d, %s among %s", seed, probe, added)
                    .containsExactlyInAnyOrderElementsOf(added.stream()
                            .filter(template -> template.overlap(probe) != Overlap.NONE)
                            .toList());
            assertThat(index.overlapping("POST", probe)).isEmpty();
        }
    }

    @Test
    void searchGoesBackWhereTheBetterBranchLeadsNowhere() {
        RouteIndex<String> index = new RouteIndex<>();
        List.of("/a/b/c", "/a/{x}/d", "/{x}/b/e", "/**")
                .forEach(text -> index.add("GET", PathTemplate.parse(text), text));

        assertThat(index.find("GET", "/a/b/c")).hasValue("/a/b/c");
        assertThat(index.find("GET", "/a/b/d")).hasValue("/a/{x}/d");
        assertThat(index.find("GET", "/a/b/e")).hasValue("/{x}/b/e");
        assertThat(index.find("GET", "/a/b/f")).hasValue("/**");
        assertThat(index.find("GET", "/")).isEmpty();
        assertThat(index.find("HEAD", "/a/b/c")).isEmpty();
    }
}
