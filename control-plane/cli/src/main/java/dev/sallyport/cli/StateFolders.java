package dev.sallyport.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The state folders of sidecars on this machine. */
public final class StateFolders {
    /** {@code state/<service>} below a folder of a mesh, and one more. */
    private static final int DEPTH_MAX = 3;

    private StateFolders() {}

    /** {@code folder} itself, or those below it, by name; a sidecar's has an {@code identity} folder. */
    public static List<Path> below(Path folder) throws CliException {
        try (Stream<Path> folders = Files.walk(folder, DEPTH_MAX)) {
            List<Path> found = folders.filter(path -> Files.isDirectory(path.resolve("identity")))
                    .sorted()
                    .toList();
            if (found.isEmpty()) {
                throw new CliException(
                        folder + ": no state of a sidecar (expected: the stateDirectory of one, or a folder above)");
            }
            return found;
        } catch (IOException e) {
            throw new CliException(
                    folder + ": cannot be read (expected: the stateDirectory of a sidecar, or a folder above)");
        }
    }
}
