package dev.sallyport.proxy.opa;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sallyport.proxy.telemetry.OpaMetrics;
import dev.sallyport.proxy.telemetry.ProxyMetrics;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class AgentTest {
    private long now = 1;
    private final OpaMetrics metrics = new ProxyMetrics().opa();
    private final Agent agent = new Agent(new Breaker(() -> now, new Random(7)), metrics);

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            assertThat(agent.refusal(16, now)).isEmpty();
            agent.ended(false, "OPA authz: no answer within 50 ms");
        }
    }

    @Test
    void refusedQuestionIsNotUnderWay() {
        assertThat(agent.refusal(1, now)).isEmpty();
        assertThat(agent.refusal(1, now)).contains("1 questions under way (expected: at most 1)");
        agent.ended(true, "true");

        assertThat(agent.refusal(1, now)).isEmpty();
    }

    @Test
    void probeIsNotLostToTheBound() {
        fail(Breaker.FAILURES_MAX);
        now += Duration.ofSeconds(1).toNanos();
        assertThat(agent.refusal(0, now)).as("no room").isPresent();

        assertThat(agent.refusal(1, now)).as("the probe").isEmpty();
        assertThat(agent.refusal(2, now)).contains("not asked: its last questions failed");
    }

    @Test
    void openBreakerIsOnTheMetricsUntilItCloses() {
        fail(Breaker.FAILURES_MAX);
        assertThat(metrics.openBreakers()).isEqualTo(1);
        now += Duration.ofSeconds(1).toNanos();
        fail(1);
        assertThat(metrics.openBreakers()).isEqualTo(1);
        now += Duration.ofSeconds(1).toNanos();
        assertThat(agent.refusal(16, now)).isEmpty();
        agent.ended(true, "true");

        assertThat(metrics.openBreakers()).isZero();
    }

    @Test
    void unusedAgentRetiresAndLeavesTheMetrics() {
        fail(Breaker.FAILURES_MAX);
        assertThat(agent.retires(now)).as("just asked").isFalse();
        assertThat(metrics.openBreakers()).isEqualTo(1);

        assertThat(agent.retires(now + 1)).isTrue();
        assertThat(metrics.openBreakers()).isZero();
    }

    @Test
    void agentWithAQuestionUnderWayStays() {
        assertThat(agent.refusal(16, now)).isEmpty();
        assertThat(agent.retires(now + 1)).isFalse();
        agent.ended(true, "true");

        assertThat(agent.retires(now + 1)).isTrue();
    }
}
