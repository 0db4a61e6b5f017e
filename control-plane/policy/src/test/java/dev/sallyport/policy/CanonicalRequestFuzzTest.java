package dev.sallyport.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** The reading of bytes against a naive one of whole strings. */
class CanonicalRequestFuzzTest {
    private static final long SEED = 20_261_105;
    private static final int TARGETS = 200_000;
    private static final List<String> BEFORE = List.of("", "%", "%2", "http://a", "/", ".");
    private static final List<String> AFTER = List.of(" HTTP/1.1", "2f", "f", "/..", "?x", "%2e", ".");

    @Test
    void bytesAreReadAsTheStringsSay() {
        compare(_ -> Relaxations.NONE, 20_000);
    }

    @Test
    void bytesAreReadAsTheStringsSayWhateverIsRelaxed() {
        compare(RandomTargets::relaxed, 30_000);
    }

    private static void compare(Function<RandomTargets, Relaxations> relaxations, int acceptedMin) {
        Dice dice = Dice.of(SEED);
        RandomTargets targets = new RandomTargets(dice);
        int accepted = 0;
        for (int i = 0; i < TARGETS; i++) {
            String target = targets.next();
            Relaxations relaxed = relaxations.apply(targets);
            Optional<String> read = read(dice, target, relaxed);
            assertThat(read)
                    .as("seed %d, target %d: %s, %s", SEED, i, target, relaxed)
                    .isEqualTo(naively(target, relaxed));
            accepted += read.isPresent() ? 1 : 0;
        }
        assertThat(accepted).isBetween(acceptedMin, TARGETS - acceptedMin);
    }

    /** Path and query; empty when refused. In the middle of other bytes, which must not be looked at. */
    private static Optional<String> read(Dice dice, String target, Relaxations relaxed) {
        String before = "PUT " + dice.pick(BEFORE);
        byte[] head = bytes(before + target + dice.pick(AFTER) + "\r\nHost: " + RandomTargets.host());
        int start = before.length();
        int end = start + target.length();
        try {
            CanonicalRequest request =
                    CanonicalRequest.of(head, 0, 3, start, end, head.length - 1, head.length, relaxed);
            int origin = CanonicalRequest.originStart(head, start, end);
            assertThat(request.target()).isEqualTo(new String(head, origin, end - origin, StandardCharsets.ISO_8859_1));
            return Optional.of(request.target());
        } catch (RequestRejectedException refused) {
            assertThat(refused.getMessage()).matches("[ -~]+");
            return Optional.empty();
        }
    }

    private static Optional<String> naively(String target, Relaxations relaxed) {
        String origin = target;
        for (String prefix : new String[] {"http://a/", "http://A/", "http://a./", "http://A./"}) {
            if (target.startsWith(prefix)) {
                origin = target.substring(prefix.length() - 1);
            }
        }
        return NaivePath.accepts(origin, relaxed) ? Optional.of(origin) : Optional.empty();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
