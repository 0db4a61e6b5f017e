package dev.sallyport.cli.documents;

import dev.sallyport.cli.CliException;
import dev.sallyport.document.Source;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Puts another text into a document's file: whole or not at all, whoever reads it meanwhile. */
final class Rewriting {
    private Rewriting() {}

    /** The file keeps its permissions, and a symbolic link stays one. Refuses when somebody else has changed it since {@code source} was read. */
    static void replace(Source source, String text) throws CliException, IOException {
        Path file = Path.of(source.name()).toRealPath();
        Path next = Files.createTempFile(file.getParent(), ".sallyport-", ".part");
        try {
            Files.writeString(next, text);
            Files.setPosixFilePermissions(next, Files.getPosixFilePermissions(file));
            if (!Files.readString(file).equals(source.text())) {
                throw new CliException(
                        source.name() + ": changed while it was read (expected: nobody else to write it; nothing was"
                                + " written to it)");
            }
            Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } finally {
            Files.deleteIfExists(next);
        }
    }
}
