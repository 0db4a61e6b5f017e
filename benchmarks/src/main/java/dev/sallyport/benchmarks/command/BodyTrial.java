package dev.sallyport.benchmarks.command;

import dev.sallyport.benchmarks.growth.Curve;
import dev.sallyport.benchmarks.load.BulkTransfer;
import dev.sallyport.benchmarks.pair.GrownPair;
import dev.sallyport.benchmarks.pair.Part;
import java.io.IOException;

/** One large body through a pair, as fast as it goes. */
record BodyTrial(GrownPair.Running running, long bytes, Curve cpu, Curve cpuPerMegabyte) implements GrowthTrial {
    private static final double MEGABYTE = 1 << 20;

    @Override
    public void measure(GrowthRound round) throws IOException {
        long before = nanos();
        BulkTransfer.download(running.pair().address(), running.mesh().headers(), bytes);
        double micros = (nanos() - before) / 1e3;
        round.add(cpu, "sallyport", bytes, micros);
        round.add(cpuPerMegabyte, "sallyport", bytes, micros / (bytes / MEGABYTE));
    }

    private long nanos() {
        return running.pair().parts().stream().mapToLong(Part::cpuNanos).sum();
    }
}
