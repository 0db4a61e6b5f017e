package dev.sallyport.benchmarks.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Set;
import org.HdrHistogram.Histogram;

/** What the disk can do for anybody: one thread that writes as many bytes into a file of zeros, forces them, and begins again. */
public final class DeviceLoop {
    private static final int FILE_BYTES = 64 * 1024 * 1024;
    private static final int ZEROS = 1024 * 1024;

    private DeviceLoop() {}

    /** {@code records} of {@code recordBytes} with each force, in a new file in {@code folder}, which goes again. */
    public static Forces run(Path folder, int records, int recordBytes, Duration warmUp, Duration measured)
            throws IOException {
        Path file = folder.resolve("device");
        ByteBuffer bytes = ByteBuffer.allocateDirect(records * recordBytes);
        while (bytes.hasRemaining()) {
            bytes.put((byte) 'r');
        }
        Histogram micros = Forces.histogram();
        try (FileChannel channel =
                FileChannel.open(file, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE))) {
            ByteBuffer zeros = ByteBuffer.allocateDirect(ZEROS);
            for (int at = 0; at < FILE_BYTES; at += ZEROS) {
                channel.write(zeros.clear(), at);
            }
            channel.force(true);
            long from = System.nanoTime() + warmUp.toNanos();
            long until = from + measured.toNanos();
            long position = 0;
            long now = System.nanoTime();
            while (now - until < 0) {
                channel.write(bytes.clear(), position);
                channel.force(false);
                long then = System.nanoTime();
                if (now - from >= 0) {
                    micros.recordValue(Math.min((then - now) / 1000, micros.getHighestTrackableValue()));
                }
                position = position + 2L * bytes.capacity() > FILE_BYTES ? 0 : position + bytes.capacity();
                now = then;
            }
        } finally {
            Files.deleteIfExists(file);
        }
        return new Forces(micros, micros.getTotalCount() * records, 0, measured.toNanos() / 1e9);
    }
}
