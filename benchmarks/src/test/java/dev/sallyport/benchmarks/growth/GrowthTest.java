package dev.sallyport.benchmarks.growth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.List;
import java.util.Random;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GrowthTest {
    private static List<Point> curve(DoubleUnaryOperator cost, double... sizes) {
        return DoubleStream.of(sizes)
                .mapToObj(x -> new Point(x, cost.applyAsDouble(x), cost.applyAsDouble(x), cost.applyAsDouble(x)))
                .toList();
    }

    private static List<Point> rules(DoubleUnaryOperator cost) {
        return curve(cost, 20, 200, 1000, 10_000);
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.7, 1, 1.05, 1.09})
    void costThatHardlyMovesIsFlat(double last) {
        assertThat(Growth.of(rules(x -> x == 10_000 ? 100 * last : 100))).isEqualTo(Growth.FLAT);
    }

    @Test
    void costThatRisesInTheMiddleIsNotFlat() {
        assertThat(Growth.of(rules(x -> x == 200 ? 120 : 100))).isEqualTo(Growth.LINEAR);
    }

    @ParameterizedTest
    @CsvSource({"0, 1", "100, 0.3", "100, 1", "1000, 0.1", "1, 10"})
    void costInProportionIsLinear(double fixed, double each) {
        assertThat(Growth.of(rules(x -> fixed + each * x))).isEqualTo(Growth.LINEAR);
    }

    @Test
    void costThatRisesLessThanInProportionIsLinear() {
        assertThat(Growth.of(rules(x -> 10 * Math.sqrt(x)))).isEqualTo(Growth.LINEAR);
        assertThat(Growth.of(rules(x -> 10 * Math.log(x)))).isEqualTo(Growth.LINEAR);
    }

    @Test
    void costWithTheSquareIsWorse() {
        assertThat(Growth.of(rules(x -> x * x))).isEqualTo(Growth.WORSE);
        assertThat(Growth.of(rules(x -> 100 + 1e-5 * x * x))).isEqualTo(Growth.WORSE);
        assertThat(Growth.of(curve(x -> 50 + x * x / 1e6, 0, 1024, 65_536, 1_048_576)))
                .isEqualTo(Growth.WORSE);
    }

    @Test
    void costThatIsFlatAndThenExplodesIsWorse() {
        assertThat(Growth.of(rules(x -> x == 10_000 ? 10_000 : 100))).isEqualTo(Growth.WORSE);
    }

    @Test
    void pointWhoseRoundsDifferWidelyProvesNothing() {
        List<Point> steep = List.of(new Point(20, 100, 98, 102), new Point(1000, 100, 99, 101));
        Point quiet = new Point(10_000, 10_000, 9_900, 10_100);
        Point noisy = new Point(10_000, 10_000, 105, 90_000);
        assertThat(Growth.of(Stream.concat(steep.stream(), Stream.of(quiet)).toList()))
                .isEqualTo(Growth.WORSE);
        assertThat(Growth.of(Stream.concat(steep.stream(), Stream.of(noisy)).toList()))
                .isEqualTo(Growth.LINEAR);
    }

    @Test
    void orderOfThePointsDoesNotMatter() {
        assertThat(Growth.of(rules(x -> 100 + 1e-5 * x * x).reversed())).isEqualTo(Growth.WORSE);
        assertThat(Growth.ratio(rules(x -> x).reversed())).isEqualTo(500);
    }

    /** Or a run would fail by chance. */
    @Test
    void errorOfMeasurementAloneIsNeverWorse() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        for (int i = 0; i < 10_000; i++) {
            assertThat(Growth.of(rules(_ -> 100 * (0.955 + 0.09 * random.nextDouble()))))
                    .as("seed %d, curve %d", seed, i)
                    .isNotEqualTo(Growth.WORSE);
            assertThat(Growth.of(rules(x -> (100 + x) * (0.955 + 0.09 * random.nextDouble()))))
                    .as("seed %d, curve %d", seed, i)
                    .isEqualTo(Growth.LINEAR);
        }
    }

    @Test
    void onePointIsNoCurve() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Growth.of(curve(x -> x, 1)))
                .withMessage("curve: 1 points (expected: two or more)");
    }
}
