package dev.sallyport.benchmarks.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sallyport.benchmarks.kernel.MachineTime;
import dev.sallyport.benchmarks.load.LoadResult;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class LoadFiguresTest {
    private static final Load RATE = Load.scheduled(1000, 16, 100, Duration.ofSeconds(1), Duration.ofSeconds(3));
    private static final Noise QUIET = new Noise(new MachineTime(1000, 990, 0), 0);
    private static final Noise BUSY = new Noise(new MachineTime(1000, 900, 0), 0);

    private static Phase phase(long micros, double perSecond, Noise noise, Map<String, Long> errors) {
        Histogram latencies = new Histogram(3);
        latencies.recordValue(micros * 1000);
        return new Phase(
                new LoadResult(latencies, new TreeMap<>(errors), perSecond),
                Map.of("outbound", 50.0, "inbound", 60.0),
                noise,
                List.of());
    }

    private static Phase phase(long micros, double perSecond) {
        return phase(micros, perSecond, QUIET, Map.of());
    }

    private static LoadsRound round(Phase direct, Phase nginx) {
        return new LoadsRound(Map.of("direct", Map.of("1000/s", direct), "nginx", Map.of("1000/s", nginx)), QUIET);
    }

    private static LoadFigures figures(LoadsRound... rounds) {
        return new LoadFigures(RATE, List.of("direct", "nginx"), List.of(rounds))
                .added(50)
                .perSecond("answered/s")
                .ofPairs("CPU", Phase::pairMicros);
    }

    private static ObjectNode summary(LoadFigures figures) {
        ObjectNode json = new ObjectMapper().createObjectNode();
        figures.comparison().describe(json, "1000/s ");
        return json;
    }

    @Test
    void addedIsMoreThanDirectInTheSameRound() {
        LoadFigures figures = figures(
                round(phase(100, 1000), phase(300, 1000)),
                round(phase(200, 1000), phase(450, 1000)),
                round(phase(300, 1000), phase(400, 1000)));
        assertThat(summary(figures).at("/1000~1s added p50, µs/nginx/median").asDouble())
                .isBetween(199.0, 201.0);
        assertThat(summary(figures).at("/1000~1s added p50, µs/direct").isMissingNode())
                .isTrue();
    }

    @Test
    void whatCannotHoldTheRateIsOverloadedAndHasNoLatency() {
        LoadFigures figures = figures(round(phase(100, 1000), phase(300, 979)));
        assertThat(figures.overloaded()).containsExactly("nginx");
        assertThat(summary(figures).at("/1000~1s p50, µs/nginx").isMissingNode())
                .isTrue();
        assertThat(summary(figures).at("/1000~1s CPU/nginx").isMissingNode()).isTrue();
        assertThat(summary(figures).at("/1000~1s answered~1s/nginx/median").asDouble())
                .isEqualTo(979);
        assertThat(figures.comparison().lines()).anyMatch(line -> line.matches("nginx +overload +overload +979.*"));
    }

    @Test
    void whatHoldsNinetyEightHundredthsOfTheRateIsNotOverloaded() {
        assertThat(figures(round(phase(100, 1000), phase(300, 980))).overloaded())
                .isEmpty();
    }

    @Test
    void oneSlowRoundOfThreeIsNoOverload() {
        assertThat(figures(
                                round(phase(100, 1000), phase(300, 500)),
                                round(phase(100, 1000), phase(300, 1000)),
                                round(phase(100, 1000), phase(300, 1000)))
                        .overloaded())
                .isEmpty();
    }

    @Test
    void whatIsLateUnderOverloadIsNotWrong() {
        assertThat(RATE.failed(phase(100, 500, QUIET, Map.of("unanswered", 3L))))
                .isZero();
        assertThat(RATE.failed(phase(100, 500, QUIET, Map.of("unanswered", 3L, "503", 2L))))
                .isEqualTo(2);
        assertThat(RATE.failed(phase(100, 1000, QUIET, Map.of("unanswered", 3L))))
                .isEqualTo(3);
    }

    @Test
    void figuresOfADisturbedRoundBearAMark() {
        LoadFigures figures = figures(round(phase(100, 1000), phase(300, 1000, BUSY, Map.of())));
        assertThat(figures.comparison().lines())
                .anyMatch(line -> line.startsWith("nginx") && line.contains(" ~"))
                .noneMatch(line -> line.startsWith("direct") && line.contains(" ~"));
    }

    @Test
    void quietestAttemptCountsAndTheOthersAreKept() {
        Phase busy = phase(900, 1000, BUSY, Map.of());
        Phase quiet = phase(300, 1000, QUIET, Map.of());
        Phase chosen = Phase.quietest(List.of(busy, quiet));
        assertThat(chosen.noise()).isEqualTo(QUIET);
        assertThat(chosen.setAside()).containsExactly(busy);
        ObjectNode json = new ObjectMapper().createObjectNode();
        chosen.describe(json);
        assertThat(json.at("/setAside/0/noise/noisy").asBoolean()).isTrue();
        assertThat(json.at("/noise/noisy").isMissingNode()).isTrue();
    }
}
