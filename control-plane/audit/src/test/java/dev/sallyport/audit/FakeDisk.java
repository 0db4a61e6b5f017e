package dev.sallyport.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;

/** A real disk that fails when told to, is full, or stands still. */
final class FakeDisk implements Storage.Factory {
    final AtomicInteger failWrites = new AtomicInteger();
    final AtomicInteger failForces = new AtomicInteger();
    final AtomicInteger forcesAfterFailure = new AtomicInteger();
    /** What everything that changes the disk is answered; nothing while empty. */
    final AtomicReference<String> failure = new AtomicReference<>("");

    volatile CountDownLatch still = new CountDownLatch(0);
    /** Of segments, in the folder of the one that is made. */
    volatile long capacity = Long.MAX_VALUE;

    @Override
    public Storage prepare(Path file, long bytes, BooleanSupplier unhurried) throws IOException {
        awaitMoving();
        failIfTold();
        long used = 0;
        for (Path segment : LogFolder.files(file.resolveSibling("."))) {
            used += Files.size(segment);
        }
        if (used + bytes > capacity) {
            throw new IOException("No space left on device");
        }
        return new FakeStorage(DiskStorage.prepare(file, bytes, unhurried));
    }

    private void failIfTold() throws IOException {
        if (!failure.get().isEmpty()) {
            throw new IOException(failure.get());
        }
    }

    private final class FakeStorage implements Storage {
        private final Storage real;
        private boolean failed;

        FakeStorage(Storage real) {
            this.real = real;
        }

        @Override
        public void write(ByteBuffer bytes, long position) throws IOException {
            awaitMoving();
            failIfTold();
            if (take(failWrites)) {
                // A failing disk takes a part.
                real.write(bytes.slice(0, bytes.remaining() / 2), position);
                throw new IOException("Input/output error");
            }
            real.write(bytes, position);
        }

        @Override
        public void force() throws IOException {
            awaitMoving();
            if (failed) {
                forcesAfterFailure.incrementAndGet();
            }
            failed = take(failForces) || !failure.get().isEmpty();
            if (failed) {
                failIfTold();
                throw new IOException("Input/output error");
            }
            real.force();
        }

        @Override
        public void rename(Path file) throws IOException {
            failIfTold();
            real.rename(file);
        }

        @Override
        public void check(long bytes) throws IOException {
            real.check(bytes);
        }

        @Override
        public void truncate(long size) throws IOException {
            failIfTold();
            real.truncate(size);
        }

        @Override
        public void close() throws IOException {
            real.close();
        }
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
