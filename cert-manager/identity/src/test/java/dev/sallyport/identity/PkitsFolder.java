package dev.sallyport.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where this machine keeps NIST's suite: nothing of it is copied here. */
final class PkitsFolder {
    static final String SKIPPED =
            "skipped: no NIST PKITS (apt-get install python3-cryptography-vectors, or pip install cryptography-vectors, or name the folder PKITS_data in -Dsallyport.pkits)";

    private static final Path DEBIAN = Path.of("/usr/lib/python3/dist-packages/cryptography_vectors");

    private PkitsFolder() {}

    /** By {@code -Dsallyport.pkits}, of Debian's package, or of the one that {@code python3} would import. */
    static Optional<Path> find() throws IOException {
        Optional<Path> named =
                Optional.ofNullable(System.getProperty("sallyport.pkits")).map(Path::of);
        if (named.isPresent()) { // Whoever names one wants that one.
            if (!Files.isDirectory(named.get().resolve("certs"))) {
                throw new IOException(
                        "sallyport.pkits: " + named.get() + " (expected: a folder with certs and pkcs12)");
            }
            return named;
        }
        Path vectors = Files.isDirectory(DEBIAN) ? DEBIAN : Path.of(imported());
        return Optional.of(vectors.resolve("x509/PKITS_data")).filter(Files::isDirectory);
    }

    private static String imported() {
        try {
            Process python = new ProcessBuilder(
                            "python3", "-c", "import cryptography_vectors as v; print(v.__path__[0], end='')")
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return new String(python.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return ""; // No python3: no package of it either.
        }
    }
}
