package dev.sallyport.benchmarks.loss;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Short commands of the system, of which only matters whether they succeed. */
final class Shell {
    private Shell() {}

    /** Runs it to its end. What it says when it fails, in one line; empty: it has succeeded. */
    static Optional<String> problem(List<String> words) throws InterruptedException {
        try {
            Process process =
                    new ProcessBuilder(words).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), UTF_8);
            int code = process.waitFor();
            return code == 0
                    ? Optional.empty()
                    : Optional.of(said.lines().findFirst().orElse(words.getFirst() + " ended with " + code));
        } catch (IOException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }
}
