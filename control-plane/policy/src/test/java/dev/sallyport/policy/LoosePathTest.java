package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assertions.assertTimeout;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a guardrail means. That it means enough is a promise: no relaxation admits a path that evades what an application might take it for. */
class LoosePathTest {
    private static final int PATHS = 50_000;
    private static final List<String> NAMES = List.of("a", "b", "A", "caf%C3%A9", "CAF%C3%89", "c");
    private static final List<String> PLACES = List.of("/a", "/b", "/B", "/caf%c3%a9", "/{v#}", "/{v#}");

    private final long seed = Long.getLong("sallyport.seed", System.nanoTime());

    @ParameterizedTest
    @CsvSource({
        "/admin/**,/admin%2Fusers,true",
        "/admin/**,/admin%2fusers%2F1,true",
        "/admin/**,/%2Fadmin,true",
        "/admin/**,/admin%2F,true",
        "/admin/**,//admin/users,true",
        "/admin/**,/%2F/admin//users,true",
        "/admin/**,/admin;x=1/users,true",
        "/admin/**,/ADMIN;x=1%20,true",
        "/admin/**,/Admin%2Fusers;x=1,true",
        "/admin/**,/x%2fadmin,false",
        "/admin/**,/x//admin,false",
        "/admin/**,/admins;x=1,false",
        "/admin/**,/adm;in=1/users,false",
        "/admin/**,/x;admin=/admin,false",
        "/x/admin,/x%2fadmin,true",
        "/x/admin,/x//admin/,true",
        "/x/admin,/x/admin%2F,true",
        "/x/admin,/x;v=1/admin;v=2,true",
        "/x/admin,/x%2Fadmin%2Fy,false",
        "/x/{id}/keys,/x/a%2Fb/keys,true",
        "/x/{id}/keys,/x%2Fa%2Fkeys,true",
        "/x/{id}/keys,/x//keys,true",
        "/x/{id}/keys,/x/%2F/keys,true",
        "/x/{id}/keys,/x/a;v=1/keys,true",
        "/x/{id}/keys,/x/a%2Fb/key,false",
        "/x/{id}/keys,/x;v=1/keys,false",
        "/{v},/a%2Fb,true",
        "/{v},/a//,true",
        "/{v},/a/b;x=1,false",
        "/,//,true",
        "/,/%2F,true",
        "/,//a,false",
    })
    void pathThatOnlyARelaxationAdmitsIsReadInEveryWay(String template, String path, boolean means) {
        assertThat(means(template, path, Paths.LOOSEST)).isEqualTo(means);
    }

    @ParameterizedTest
    @CsvSource({
        "/admin/**,/ADMIN/x,true,false,true,false",
        "/admin/**,/admin,true,true,true,true",
        "/admin/**,/admin/,true,true,true,true",
        "/status,/status,true,true,true,true",
        "/status,/Status,true,false,true,false",
        "/status,/status/,true,true,false,false",
        "/list/,/list,true,true,false,false",
        "/list/,/LIST/,true,false,true,false",
        "/{v},/a/,true,true,false,false",
        "/,/,true,true,true,true",
        "/caf%C3%A9,/caf%c3%a9,true,true,true,true",
        "/caf%C3%A9,/CAF%c3%89,true,false,true,false",
        "/status,/other,false,false,false,false",
        "/status,/STATUS;x=1,true,false,true,false",
        "/status,/status//,true,true,true,true", // whether one slash or two is in doubt
    })
    void whatAServiceDeclaresIsReadStrictly(
            String template, String path, boolean loosest, boolean letters, boolean slash, boolean both) {
        assertThat(List.of(
                        means(template, path, Paths.LOOSEST),
                        means(template, path, new Paths(true, false)),
                        means(template, path, new Paths(false, true)),
                        means(template, path, new Paths(true, true))))
                .containsExactly(loosest, letters, slash, both);
    }

    /** Against every reading, tried one by one. */
    @Test
    void allReadingsAtOnceAreTheReadingsOneByOne() {
        Dice dice = Dice.of(seed);
        int met = 0;
        for (int i = 0; i < PATHS; i++) {
            String template = template(dice);
            String path = path(dice);
            Paths paths = new Paths(dice.one(3), dice.one(3));
            boolean means = means(template, path, paths);
            assertThat(means)
                    .as("seed %d: %s, %s, %s", seed, template, path, paths)
                    .isEqualTo(NaiveGuardrails.loosely(PathTemplate.parse(template), path, paths));
            met += means ? 1 : 0;
            assertThat(means || !PathTemplate.parse(template).matches(path))
                    .as("what an allow rule matches, seed %d: %s, %s, %s", seed, template, path, paths)
                    .isTrue();
        }
        assertThat(met).as("seed %d", seed).isBetween(PATHS / 100, PATHS / 2);
    }

    /** The promise, from the bytes on: what an application that decodes, merges, cuts, folds and drops a slash, in any order, makes of an admitted target is meant by no guardrail that does not mean the target. */
    @Test
    void noRelaxationAdmitsWhatEvadesAGuardrail() {
        Dice dice = Dice.of(seed);
        RandomTargets targets = new RandomTargets(dice);
        int met = 0;
        for (int i = 0; i < PATHS; i++) {
            String target = dice.one(2) ? targets.next() : path(dice);
            Relaxations relaxed = targets.relaxed();
            String template =
                    dice.one(2) ? template(dice) : dice.pick(List.of("/admin/**", "/a/b", "/b/admin/{v}", "/{v}"));
            String path;
            try {
                path = CanonicalRequest.written("GET", target, "a", Set.of(), service(relaxed))
                        .path();
            } catch (RequestRejectedException refused) {
                continue;
            }
            String read = lax(dice, path);
            if (NaiveGuardrails.loosely(PathTemplate.parse(template), read, Paths.LOOSEST)) {
                met++;
                assertThat(means(template, path, Paths.LOOSEST))
                        .as("seed %d: %s as %s, %s", seed, path, read, template)
                        .isTrue();
            }
        }
        assertThat(met).as("seed %d", seed).isGreaterThan(PATHS / 100);
    }

    /** Attack 34: 8 KB of what has most readings, against the template that has most places for them. */
    @Test
    void longestPathIsReadInEveryWayInNoTime() {
        LoosePath template = new LoosePath(
                PathTemplate.parse("/{v#}/a".repeat(32).transform(LoosePathTest::numbered)), Paths.LOOSEST);
        for (String path : List.of("/a%2F".repeat(1638), "/a".repeat(4096), "/".repeat(8192), "/a;a=a".repeat(1365))) {
            assertTimeout(Duration.ofSeconds(5), () -> {
                for (int i = 0; i < 1000; i++) {
                    assertThat(template.matches(path, true)).isFalse();
                }
            });
        }
    }

    private static String numbered(String places) {
        String template = places;
        for (int i = 0; template.contains("#"); i++) {
            template = template.replaceFirst("#", String.valueOf(i));
        }
        return template;
    }

    private static String template(Dice dice) {
        StringBuilder template = new StringBuilder();
        for (int i = 0, places = 1 + dice.upTo(3); i < places; i++) {
            template.append(dice.pick(PLACES).replace("#", String.valueOf(i)));
        }
        return template + dice.pick(List.of("", "", "/", "/**"));
    }

    private static String path(Dice dice) {
        StringBuilder path = new StringBuilder("/");
        for (int places = 1 + dice.upTo(3); places > 0; places--) {
            String separator = dice.pick(List.of("/", "/", "//", "%2F", "%2f%2F"));
            boolean parameter = separator.startsWith("/") && dice.one(4); // no %2F behind one
            path.append(dice.pick(NAMES)).append(parameter ? ";x=1" : "").append(separator);
        }
        return path.append(dice.one(3) ? "" : dice.pick(NAMES)).toString();
    }

    /** Some of what an application may do, in some order; a canonical path decodes in one way. */
    private static String lax(Dice dice, String path) {
        String read = path;
        for (int steps = dice.upTo(6); steps > 0; steps--) {
            read = switch (dice.upTo(5)) {
                case 0 -> read.replaceAll("(?i)%2f", "/");
                case 1 -> read.replaceAll("/+", "/");
                case 2 -> read.replaceAll(";[^/]*", "");
                case 3 -> read.toUpperCase(Locale.ROOT);
                default -> read.length() > 1 ? read.replaceAll("/$", "") : read;
            };
        }
        return read.isEmpty() ? "/" : read;
    }

    private static Mesh.Service service(Relaxations relaxed) {
        return new Mesh.Service(
                "a",
                Facts.id("a"),
                new TreeMap<>(Map.of(80, Mesh.PortKind.HTTP)),
                List.of(),
                new TreeMap<>(Map.of(80, relaxed)),
                Paths.LOOSEST);
    }

    private static boolean means(String template, String path, Paths paths) {
        GivenFacts facts = GivenFacts.of(Optional.empty(), "GET", path);
        return new LoosePath(PathTemplate.parse(template), paths).matches(path, LoosePath.isRelaxed(facts));
    }
}
