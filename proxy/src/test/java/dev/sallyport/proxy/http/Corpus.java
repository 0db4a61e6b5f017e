package dev.sallyport.proxy.http;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;

/** Test data that others published, in a folder beside the project, and what of it we answer otherwise. */
public final class Corpus {
    private static final Path FOLDER = Path.of(System.getProperty("sallyport.corpora", "../../shared/corpora"));

    private Corpus() {}

    /** Skips the test where it is not. */
    public static Path folder(String name) {
        Path folder = FOLDER.resolve(name);
        String reason = folder + " is not here: set -Dsallyport.corpora to the folder of corpora";
        if (!Files.isDirectory(folder)) {
            System.out.println("skipped: " + reason);
        }
        assumeTrue(Files.isDirectory(folder), reason);
        return folder;
    }

    /** The indented lines of a resource; what stands before them is the reason, for its readers. */
    static List<String> exceptions(String resource) throws IOException {
        try (InputStream in = Objects.requireNonNull(Corpus.class.getResourceAsStream(resource), resource)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .filter(line -> line.startsWith("    "))
                    .map(String::strip)
                    .toList();
        }
    }
}
