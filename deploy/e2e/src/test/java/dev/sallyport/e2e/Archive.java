package dev.sallyport.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The shipped archive, unpacked once a test run: what users get, never the checkout's own target folders. */
final class Archive {
    private static final Path HOME = unpack();

    private Archive() {}

    static Path launcher() {
        return HOME.resolve("sallyport");
    }

    static Path home() {
        return HOME;
    }

    static Path checkout() {
        return Path.of(System.getProperty("sallyport.checkout"));
    }

    private static Path unpack() {
        Path archive = Path.of(System.getProperty("sallyport.archive"));
        try {
            Path folder = Files.createTempDirectory("sallyport-e2e");
            Shell.Result tar = Shell.run(List.of("tar", "xzf", archive.toString(), "-C", folder.toString()));
            if (tar.exit() != 0) {
                throw new IllegalStateException(archive + ": " + tar.err());
            }
            try (var entries = Files.list(folder)) {
                return entries.findFirst().orElseThrow();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
