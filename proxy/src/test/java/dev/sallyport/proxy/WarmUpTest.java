package dev.sallyport.proxy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import org.junit.jupiter.api.Test;

class WarmUpTest {
    /** It would warm up nothing if the JDK refused what it is given before it computes. */
    @Test
    void signatureOfNothingIsComputedAndDoesNotHold() throws Exception {
        assertThat(WarmUp.verifyNothing()).isFalse();
    }

    @Test
    void contextOfNobodyIsBuiltAndFreed() {
        assertThatCode(WarmUp::buildContext).doesNotThrowAnyException();
    }
}
