package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.growth.Curve;
import dev.sallyport.contract.InvalidMessageException;
import dev.sallyport.contract.MeshSnapshot;
import dev.sallyport.contract.SignedSnapshot;
import dev.sallyport.document.InvalidDocumentException;
import dev.sallyport.proxy.snapshot.CompiledSnapshot;
import java.io.IOException;

/**
 * How large a snapshot is, and how long a sidecar's code needs to read, check and compile it, in this process.
 *
 * @param x what the snapshot has many of
 */
record SnapshotTrial(byte[] snapshot, double x, Curve bytes, Curve millis) implements GrowthTrial {
    private static final int TIMES = 5;

    @Override
    public void measure(GrowthRound round) throws IOException {
        round.add(bytes, "sallyport", x, snapshot.length);
        long best = Long.MAX_VALUE;
        for (int i = 0; i < TIMES; i++) {
            long start = System.nanoTime();
            take();
            best = Math.min(best, System.nanoTime() - start);
        }
        round.add(millis, "sallyport", x, best / 1e6);
    }

    private void take() throws IOException {
        try {
            CompiledSnapshot.compile(
                    MeshSnapshot.ofBytes(SignedSnapshot.ofBytes(snapshot).payload()));
        } catch (InvalidMessageException | InvalidDocumentException e) {
            throw new IOException("snapshot of the bench: " + e.getMessage(), e);
        }
    }
}
