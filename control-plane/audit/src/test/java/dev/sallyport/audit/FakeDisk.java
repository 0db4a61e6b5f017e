package dev.sallyport.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;

/** A real disk that fails when told to, or stands still. */
final class FakeDisk implements Storage.Factory {
    final AtomicInteger failWrites = new AtomicInteger();
    final AtomicInteger failForces = new AtomicInteger();
    final AtomicInteger forcesAfterFailure = new AtomicInteger();
    volatile CountDownLatch still = new CountDownLatch(0);

    @Override
    public Storage create(Path file) throws IOException {
        Storage real = Storage.createFile(file);
        return new Storage() {
            private boolean failed;

            @Override
            public void write(ByteBuffer bytes) throws IOException {
                awaitMoving();
                if (take(failWrites)) {
                    // A full disk takes a part.
                    real.write(bytes.slice(0, bytes.remaining() / 2));
                    throw new IOException("No space left on device");
                }
                real.write(bytes);
            }

            @Override
            public void force() throws IOException {
                if (failed) {
                    forcesAfterFailure.incrementAndGet();
                }
                if (take(failForces)) {
                    failed = true;
                    throw new IOException("Input/output error");
                }
                real.force();
            }

            @Override
            public void truncate(long size) throws IOException {
                real.truncate(size);
            }

            @Override
            public void close() throws IOException {
                real.close();
            }
        };
    }

    private void awaitMoving() throws IOException {
        try {
            still.await();
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static boolean take(AtomicInteger failures) {
        return failures.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
    }
}
