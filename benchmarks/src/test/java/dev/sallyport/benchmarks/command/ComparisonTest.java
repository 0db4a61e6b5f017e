package dev.sallyport.benchmarks.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.command.Comparison.Ratio;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ComparisonTest {
    private static final List<Map<String, Double>> ROUNDS = List.of(
            Map.of("nginx", 10.0, "sallyport", 9.0),
            Map.of("nginx", 20.0, "sallyport", 30.0),
            Map.of("nginx", 40.0, "sallyport", 10.0));

    private static Comparison<Map<String, Double>> comparison(String... configurations) {
        return new Comparison<>(List.of(configurations), ROUNDS)
                .figure("cost", 0, (round, name) -> Optional.ofNullable(round.get(name)));
    }

    @Test
    void ratioIsThatOfTheMedians() {
        ObjectNode json = new ObjectMapper().createObjectNode();
        comparison("direct", "nginx", "sallyport").describe(json);
        assertThat(json.at("/cost/sallyport~1nginx").asDouble()).isEqualTo(0.5);
        assertThat(json.at("/cost/sallyport/greatest").asDouble()).isEqualTo(30);
        assertThat(json.at("/cost/direct").isMissingNode()).isTrue();
    }

    @Test
    void configurationWithoutTheFigureHasADash() {
        assertThat(comparison("direct", "nginx", "sallyport").table())
                .last()
                .asString()
                .matches("cost +- +20 \\(10\\.\\.40\\) +10 \\(9\\.\\.30\\) +0\\.50");
    }

    @Test
    void ratioThatACommandAsksForIsShownWhenBothSidesWereMeasured() {
        Ratio asked = new Ratio("nginx", "sallyport");
        assertThat(new Comparison<>(List.of("nginx", "sallyport"), ROUNDS, List.of(asked)).table())
                .first()
                .asString()
                .endsWith("nginx / sallyport");
        assertThat(new Comparison<>(List.of("nginx", "direct"), ROUNDS, List.of(asked)).table())
                .first()
                .asString()
                .doesNotContain("/");
    }

    @Test
    void withoutPeersThereAreNoRatios() {
        assertThat(comparison("direct", "sallyport").table().getFirst()).doesNotContain("/");
    }
}
