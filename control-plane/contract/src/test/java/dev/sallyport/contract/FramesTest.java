package dev.sallyport.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FramesTest {
    @Test
    void messagesComeOutHoweverTheBytesArrive() throws Exception {
        for (long seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            List<byte[]> sent = new ArrayList<>();
            ByteArrayOutputStream stream = new ByteArrayOutputStream();
            for (int i = 0; i < 10; i++) {
                byte[] message = new byte[1 + random.nextInt(i == 5 ? 300_000 : 50)];
                random.nextBytes(message);
                sent.add(message);
                stream.writeBytes(Frames.frame(message));
            }
            Frames frames = new Frames();
            List<byte[]> received = new ArrayList<>();
            byte[] bytes = stream.toByteArray();
            for (int at = 0; at < bytes.length; ) {
                int end = Math.min(bytes.length, at + 1 + random.nextInt(20_000));
                received.addAll(frames.feed(Arrays.copyOfRange(bytes, at, end)));
                at = end;
            }
            assertThat(received)
                    .as("seed %d", seed)
                    .usingElementComparator(Arrays::compare)
                    .containsExactlyElementsOf(sent);
        }
    }

    @Test
    void largestFrameFits() throws Exception {
        byte[] largest = new byte[Frames.MAX_BYTES];
        assertThat(new Frames().feed(Frames.frame(largest)).getFirst()).hasSize(Frames.MAX_BYTES);
        assertThatThrownBy(() -> Frames.frame(new byte[Frames.MAX_BYTES + 1]))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {Frames.MAX_BYTES + 1, Integer.MAX_VALUE, -1, Integer.MIN_VALUE, 0})
    void lengthOutOfBoundsEndsTheStreamBeforeAnythingIsKept(int length) {
        Frames frames = new Frames();
        byte[] header = ByteBuffer.allocate(4).putInt(length).array();
        assertThatThrownBy(() -> frames.feed(header)).isInstanceOf(InvalidMessageException.class);
        assertThatThrownBy(() -> frames.feed(Frames.frame(new byte[] {1}))).isInstanceOf(InvalidMessageException.class);
    }

    @Test
    void announcedLengthAloneCostsLittle() throws Exception {
        List<Frames> streams = new ArrayList<>();
        byte[] header = ByteBuffer.allocate(4).putInt(Frames.MAX_BYTES).array();
        // 16 GiB if each announcement were believed.
        for (int i = 0; i < 1024; i++) {
            Frames frames = new Frames();
            assertThat(frames.feed(header)).isEmpty();
            streams.add(frames);
        }
        assertThat(streams).hasSize(1024);
    }
}
