package dev.sallyport.benchmarks.audit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** What fio says of the same work, where it is installed: a second opinion on the disk. */
public final class Fio {
    private Fio() {}

    /** Records a second, and the median of a force in µs. */
    public record Said(double perSecond, double p50Micros) {}

    /** Empty where fio is not installed, or says nothing that we understand. */
    public static Optional<Said> run(Path folder, int records, int recordBytes, Duration measured)
            throws InterruptedException {
        try {
            Process process = new ProcessBuilder(
                            "fio",
                            "--name=audit",
                            "--directory=" + folder,
                            "--rw=write",
                            "--overwrite=1",
                            "--ioengine=psync",
                            "--fdatasync=1",
                            "--size=64m",
                            "--bs=" + records * recordBytes,
                            "--bs_unaligned=1",
                            "--time_based=1",
                            "--runtime=" + measured.toSeconds(),
                            "--unlink=1",
                            "--output-format=json")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            JsonNode said = new ObjectMapper().readTree(process.getInputStream().readAllBytes());
            return process.waitFor() == 0 ? read(said.at("/jobs/0"), records) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    static Optional<Said> read(JsonNode job, int records) {
        JsonNode perSecond = job.at("/write/iops");
        JsonNode median = job.at("/sync/lat_ns/percentile/50.000000");
        return perSecond.isNumber() && median.isNumber()
                ? Optional.of(new Said(perSecond.asDouble() * records, median.asDouble() / 1e3))
                : Optional.empty();
    }
}
