package dev.sallyport.proxy.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RotatedFileTest {
    private static final int BYTES_MAX = 1000;
    private static final byte[] BATCH = ("x".repeat(399) + "\n").getBytes(StandardCharsets.US_ASCII);

    @TempDir
    private Path folder;

    private static void write(RotatedFile sink) throws IOException {
        sink.ready(BATCH.length);
        sink.write(ByteBuffer.wrap(BATCH));
    }

    @Test
    void fileThatCannotBeMovedAwayDoesNotGrow() throws IOException {
        Path file = folder.resolve("access.log");
        Path inTheWay = folder.resolve("access.log.1");
        Path kept = Files.createDirectories(inTheWay.resolve("kept"));
        RotatedFile sink = new RotatedFile(file, BYTES_MAX, 2);
        write(sink);
        write(sink);
        for (int i = 0; i < 40; i++) {
            assertThatThrownBy(() -> write(sink)).isInstanceOf(IOException.class);
        }
        assertThat(file).hasSize(2L * BATCH.length);
        Files.delete(kept);
        Files.delete(inTheWay);
        write(sink); // The twin: as soon as it can be moved, it goes on.
        assertThat(file).hasSize(BATCH.length);
        assertThat(inTheWay).hasSize(2L * BATCH.length);
        sink.close();
    }

    @Test
    void fileThatWasFullAtTheStartIsMovedAwayFirst() throws IOException {
        Path file = Files.writeString(folder.resolve("access.log"), "y".repeat(BYTES_MAX - 1) + "\n");
        RotatedFile sink = new RotatedFile(file, BYTES_MAX, 2);
        write(sink);
        assertThat(file).hasSize(BATCH.length);
        assertThat(folder.resolve("access.log.1")).hasSize(BYTES_MAX);
        sink.close();
    }
}
