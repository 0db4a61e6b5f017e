package dev.sallyport.cli.train;

import dev.sallyport.cli.CliException;
import dev.sallyport.cli.Launch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Programs that prepare a training, one after the other, each with a limit. */
final class Steps {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private Steps() {}

    /** A command of ours. */
    static void sallyport(Path folder, String... words) throws CliException, IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(System.getProperty(Launch.LAUNCHER_PROPERTY, "sallyport")));
        command.addAll(List.of(words));
        run(folder, command);
    }

    /** In {@code folder}; what it says is only of interest when it fails. */
    static void run(Path folder, List<String> command) throws CliException, IOException, InterruptedException {
        Path log = folder.resolve("steps.log");
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile());
        builder.environment().put("SALLYPORT_SKIP_BUILD", "1");
        Process process = builder.start();
        try {
            if (!process.waitFor(LIMIT) || process.exitValue() != 0) {
                throw new CliException("training: " + command.get(0) + " " + command.get(1) + " failed: "
                        + Files.readString(log).strip());
            }
        } finally {
            process.destroyForcibly();
        }
    }
}
