package dev.sallyport.server;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sallyport.document.InvalidDocumentException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;

/** One run of the process, from its arguments to its exit code. */
final class Launch {
    private Launch() {}

    /** The exit code. */
    static int run(String[] arguments, Map<String, String> environment) {
        try {
            Flags flags = Flags.parse(arguments, environment);
            ServerConfig config = ServerConfig.read(flags);
            ControlPlane controlPlane = ControlPlane.start(config, configFolder(environment), Clock.systemUTC());
            Thread onSignal = Thread.ofPlatform().name("stop").unstarted(controlPlane::close);
            Runtime.getRuntime().addShutdownHook(onSignal);
            System.out.println(new ObjectMapper().writeValueAsString(controlPlane.readyLine()));
            System.out.flush();
            awaitEnd(flags.endWithStdin());
            return 0;
        } catch (StartException e) {
            return say(e.exitCode(), e);
        } catch (InvalidDocumentException e) {
            return say(StartException.INVALID, e);
        } catch (IOException | RuntimeException e) {
            return say(StartException.FAILURE, e);
        }
    }

    private static int say(int exitCode, Exception why) {
        Objects.requireNonNullElse(why.getMessage(), why.toString())
                .lines()
                .forEach(line -> System.err.println("sallyport: " + line));
        return exitCode;
    }

    /** {@code ${XDG_CONFIG_HOME:-~/.config}/sallyport}. */
    private static Path configFolder(Map<String, String> environment) {
        String home = environment.getOrDefault("XDG_CONFIG_HOME", "");
        Path base = home.isEmpty() ? Path.of(System.getProperty("user.home"), ".config") : Path.of(home);
        return base.resolve("sallyport");
    }

    private static void awaitEnd(boolean endWithStdin) throws IOException {
        if (endWithStdin) {
            InputStream in = System.in;
            while (in.read(new byte[1024]) >= 0) {
                // Only its end means something.
            }
            return;
        }
        try {
            Thread.currentThread().join(); // Until a signal ends the process.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
