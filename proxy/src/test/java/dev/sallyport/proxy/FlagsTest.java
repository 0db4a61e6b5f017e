package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class FlagsTest {
    private static Flags parse(String... arguments) throws UsageException {
        return Flags.parse(List.of(arguments), Map.of());
    }

    @Test
    void valueMayStandAfterBlankOrEqualsSign() throws UsageException {
        assertThat(parse("--service", "orders").settings())
                .isEqualTo(parse("--service=orders").settings());
    }

    @Test
    void upstreamIsRepeatableAndNamesItsDestination() throws UsageException {
        assertThat(parse("--upstream", "payment=127.0.0.1:1", "--upstream", "cart:8080=127.0.0.1:2")
                        .settings())
                .containsExactly(
                        new Flags.Setting(List.of("outbound", "upstreams", "payment"), "127.0.0.1:1", "--upstream"),
                        new Flags.Setting(List.of("outbound", "upstreams", "cart:8080"), "127.0.0.1:2", "--upstream"));
    }

    @Test
    void upstreamWithoutNameIsRefused() {
        assertThatThrownBy(() -> parse("--upstream", "127.0.0.1:1"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("expected: NAME=HOST:PORT");
    }

    @Test
    void unknownFlagNamesTheNearest() {
        assertThatThrownBy(() -> parse("--inbond", "127.0.0.1:1"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("--inbond: unknown flag (expected: --inbound?");
    }

    @Test
    void missingValueIsRefused() {
        assertThatThrownBy(() -> parse("--health"))
                .isInstanceOf(UsageException.class)
                .hasMessageContaining("expected: --health HOST:PORT");
    }

    @Test
    void variablesComeBeforeFlagsSoThatFlagsWin() throws UsageException {
        Flags flags = Flags.parse(
                List.of("--service", "cart"), Map.of("SALLYPORT_SERVICE", "orders", "SALLYPORT_JAVA", "/jdk"));
        assertThat(flags.settings()).extracting(Flags.Setting::value).containsExactly("orders", "cart");
    }

    @Test
    void upstreamVariableHoldsSeveral() throws UsageException {
        Flags flags = Flags.parse(List.of(), Map.of("SALLYPORT_UPSTREAM", "a=127.0.0.1:1,b=127.0.0.1:2"));
        assertThat(flags.settings()).hasSize(2);
    }

    @Test
    void pathOfFlagIsRelativeToWhereItWasTyped() throws UsageException {
        assertThat(parse("--state", "here").settings().getFirst().value())
                .isEqualTo(Path.of("here").toAbsolutePath().toString());
    }

    @Test
    void usageNamesEveryFlagAndItsVariable() {
        assertThat(Flags.usage())
                .contains(
                        "--config FILE",
                        "--upstream NAME=HOST:PORT",
                        "SALLYPORT_JOIN_FILE",
                        "--end-with-stdin",
                        "Exit codes");
    }
}
