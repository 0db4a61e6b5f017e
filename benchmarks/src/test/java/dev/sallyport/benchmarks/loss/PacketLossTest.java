package dev.sallyport.benchmarks.loss;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class PacketLossTest {
    @Test
    void namespaceOfWhoeverStartedUsIsNotOurOwn() {
        assertThat(Namespace.own()).isFalse();
    }

    @Test
    void packetsOfOthersDoNotGetLost() {
        assertThatThrownBy(() -> PacketLoss.on(9))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("(expected: our own)");
    }

    @Test
    void commandThatFailsSaysWhyInOneLine() throws Exception {
        assertThat(Shell.problem(List.of("sh", "-c", "echo not allowed; echo more; exit 1")))
                .contains("not allowed");
        assertThat(Shell.problem(List.of("no-such-program"))).get().asString().contains("no-such-program");
        assertThat(Shell.problem(List.of("true"))).isEmpty();
    }
}
