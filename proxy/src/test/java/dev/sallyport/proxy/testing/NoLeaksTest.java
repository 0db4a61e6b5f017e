package dev.sallyport.proxy.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBufAllocator;
import org.junit.jupiter.api.Test;

class NoLeaksTest {
    @Test
    void bufferThatNobodyReleasedIsFoundOnceWithWhereItWas() {
        NoLeaks.found();
        ByteBufAllocator.DEFAULT.buffer(1).touch("forgotten");
        ByteBufAllocator.DEFAULT.buffer(1).touch("remembered").release();
        assertThat(NoLeaks.found()).singleElement().asString().contains("forgotten", "NoLeaksTest");
        assertThat(NoLeaks.found()).isEmpty();
    }
}
