package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The way up, in every spelling that some server has followed: refused whatever is relaxed, for no relaxation is about it. */
class TraversalTest {
    private static final List<String> DOTS = List.of(
            "..",
            ".%2e",
            "%2e.",
            "%2e%2E",
            "%252e%252e",
            "%25%32%65.",
            "%c0%ae%c0%ae",
            "%c0%2e.",
            "%e0%80%ae.",
            "%f0%80%80%ae.",
            "%u002e%u002e",
            "%uff0e.",
            "%ef%bc%8e%ef%bc%8e",
            "%e2%80%a5",
            "..%20",
            "%20..",
            ".%20.",
            "..%00",
            "..%0d%0a",
            "..%09",
            "..;x=1",
            "..;",
            "..%3bx=1",
            "%2e%2e;x=1",
            "..\t",
            ".\0.");
    private static final List<String> SLASHES = List.of(
            "/",
            "//",
            "/./",
            "\\",
            "\\/",
            "%2f",
            "%2F",
            "%5c",
            "%5C",
            "%2f%2f",
            "%252f",
            "%255c",
            "%25%32%66",
            "%c0%af",
            "%c0%2f",
            "%c1%9c",
            "%c1%1c",
            "%e0%80%af",
            "%ef%bc%8f",
            "%e2%81%84",
            "%e2%88%96",
            "%e2%88%95",
            "%u2215",
            "%u2216",
            ";/",
            ";x=1/",
            "%3b/");

    private static final List<Relaxations> ALL = IntStream.range(0, 8)
            .mapToObj(bits -> new Relaxations((bits & 1) > 0, (bits & 2) > 0, (bits & 4) > 0, Set.of()))
            .toList();

    @Test
    void noSpellingOfTheWayUpIsAccepted() {
        List<String> accepted = new ArrayList<>();
        for (String dots : DOTS) {
            for (String slash : SLASHES) {
                for (String target : List.of(
                        "/public" + slash + dots + slash + "admin",
                        "/public/" + dots + slash + "admin",
                        "/public" + slash + dots,
                        "/" + dots + slash + "admin",
                        "/" + (dots + slash).repeat(8) + "etc/passwd",
                        "http://a/" + dots + slash + "admin")) {
                    ALL.stream()
                            .filter(relaxed -> accepts(target, relaxed).isPresent())
                            .forEach(relaxed -> accepted.add(target + " with " + relaxed));
                }
            }
        }

        assertThat(accepted).isEmpty();
    }

    /** What parsers are known to repair, each in its own way; the twin is the plain path beside it. */
    @Test
    void whatOthersRepairIsRefusedAndWhatNeedsNoRepairIsNot() {
        Map<String, String> twins = new TreeMap<>(Map.of(
                "/a/b/../c", "/a/c",
                "/a/b/./c", "/a/b/c",
                "a/b/../c", "/a/c",
                "/a/b/../../../../c", "/c",
                "/a/..\\c", "/c",
                "/a/b/%2E%2E/c", "/a/c",
                "/a//b?a=///c", "/a/b?a=///c",
                "/%5c%25", "/%25",
                "/xyz/.%00../abc", "/abc"));
        twins.put("/xyz/AAAAA%%0000/abc", "/xyz/AAAAA/abc");
        twins.put("/a/%2F%2f/c", "/a/c");
        twins.put("/abc#?param=value", "/abc?param=value");
        twins.put("/abc?#", "/abc?");
        twins.put("/abc??param#x", "/abc??param");

        twins.forEach((bad, good) -> {
            assertThat(accepts(bad, Relaxations.NONE)).as(bad).isEmpty();
            assertThat(accepts(good, Relaxations.NONE)).as(good).hasValue(good);
        });
    }

    /** Attack 34. */
    @Test
    void longTargetsCostNothing() {
        long before = System.nanoTime();
        Stream.of("/a/..", "/%2e", "/a;x=1", "/%2F", "//", "/%ef%bc%8f", "%", "/a".repeat(20), "/..;")
                .flatMap(part -> Stream.of(part.repeat(65_536 / part.length()), part.repeat(8_192 / part.length())))
                .forEach(target -> ALL.forEach(relaxed -> accepts(target, relaxed)));

        assertThat(System.nanoTime() - before).isLessThan(18 * 8 * 5_000_000L); // 5 ms each
    }

    /** Whatever is accepted: decoded once it has nothing left to decode, and in no reading a segment that goes anywhere. */
    @Test
    void acceptedPathHidesNothing() {
        long seed = Long.getLong("sallyport.seed", System.nanoTime());
        RandomTargets targets = new RandomTargets(Dice.of(seed));
        int accepted = 0;
        for (int i = 0; i < 100_000; i++) {
            String target = targets.next();
            Optional<String> read = accepts(target, targets.relaxed());
            if (read.isEmpty()) {
                continue;
            }
            accepted++;
            String path = read.get().split("\\?", 2)[0];
            String decoded = new String(NaiveQuery.octets(path), StandardCharsets.UTF_8);
            assertThat(decoded)
                    .as("seed %d: %s", seed, target)
                    .doesNotContainPattern("%[0-9A-Fa-f]{2}|\\p{Cntrl}|\\\\|\uFFFD");
            for (String segment : decoded.split("[/\\\\]", -1)) {
                assertThat(segment.replaceFirst(";.*", "").replace(" ", ""))
                        .as("seed %d: %s", seed, target)
                        .doesNotMatch("\\.{1,2}");
            }
        }
        assertThat(accepted).as("seed %d", seed).isGreaterThan(5_000);
    }

    private static Optional<String> accepts(String target, Relaxations relaxed) {
        byte[] head = ("GET" + target).getBytes(StandardCharsets.UTF_8);
        try {
            return Optional.of(
                    CanonicalRequest.of(head, 0, 3, 3, head.length, new Authority("a", OptionalInt.empty()), relaxed)
                            .target());
        } catch (RequestRejectedException refused) {
            return Optional.empty();
        }
    }
}
