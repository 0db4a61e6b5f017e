package dev.sallyport.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class RotationStepTest {
    private static final Map<String, String> OLD = Map.of("web", "1", "orders", "2");

    @Test
    void onlySerialsThatNobodyHadAreFresh() {
        assertThat(RotationStep.fresh(OLD, Map.of("web", "3", "orders", "4"))).isEqualTo(2);
        assertThat(RotationStep.fresh(OLD, Map.of("web", "3", "orders", "2"))).isEqualTo(1);
        assertThat(RotationStep.fresh(OLD, Map.of("web", "2", "orders", "1"))).isZero();
        assertThat(RotationStep.fresh(OLD, Map.of("web", "3", "orders", "3"))).isEqualTo(1);
        assertThat(RotationStep.fresh(OLD, Map.of("web", "", "orders", ""))).isZero();
        assertThat(RotationStep.fresh(OLD, Map.of())).isZero();
    }
}
