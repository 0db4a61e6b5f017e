package dev.sallyport.proxy.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * {@link ParserProperties} of random messages: 50,000 for each parser, ten million with {@code -Psoak}, or {@code -Dsallyport.fuzz.executions}. A failure names its seed, and {@code -Dsallyport.seed} makes the same
 * message the first.
 */
class MutationTest {
    private static final long EXECUTIONS =
            Long.getLong("sallyport.fuzz.executions", Boolean.getBoolean("sallyport.soak") ? 10_000_000 : 50_000);

    private final long seed = Long.getLong("sallyport.seed", System.nanoTime());

    enum Parser {
        REQUESTS,
        RESPONSES,
        CHUNKED,
        TRAILERS;

        byte[] bytes(RandomMessages random) {
            return switch (this) {
                case REQUESTS -> random.requests();
                case RESPONSES -> random.responses();
                case CHUNKED -> random.chunked();
                case TRAILERS -> random.trailers();
            };
        }

        int accepted(ParserProperties properties, byte[] bytes) {
            return switch (this) {
                case REQUESTS -> properties.requests(bytes);
                case RESPONSES -> properties.responses(bytes);
                case CHUNKED -> properties.chunked(bytes);
                case TRAILERS -> properties.trailers(bytes);
            };
        }
    }

    @ParameterizedTest
    @EnumSource
    void damagedMessagesAreRefusedOrReadAlikeByEverybody(Parser parser) {
        ParserProperties properties = new ParserProperties();
        long start = System.nanoTime();
        long accepted = 0;
        for (long i = 0; i < EXECUTIONS; i++) {
            byte[] bytes = parser.bytes(new RandomMessages(new SplittableRandom(seed + i)));
            try {
                accepted += parser.accepted(properties, bytes) > 0 ? 1 : 0;
            } catch (Throwable failure) {
                throw new AssertionError("seed " + (seed + i) + ": " + failure.getMessage(), failure);
            }
        }
        System.out.printf(
                "%s: seed %d, %d executions, %d with a message accepted, %d ms%n",
                parser, seed, EXECUTIONS, accepted, TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start));
        assertThat(accepted).as("neither all nor none, seed %d", seed).isBetween(EXECUTIONS / 10, EXECUTIONS * 9 / 10);
    }
}
