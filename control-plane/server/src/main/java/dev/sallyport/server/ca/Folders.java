package dev.sallyport.server.ca;

import dev.sallyport.server.store.PrivateFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** {@code <state>/ca}: a folder for each generation, with its keys. */
final class Folders {
    /** Where a first version kept them: directly in {@code ca}. The root last, so that a move that was cut short is seen. */
    private static final List<String> OLD_LAYOUT = List.of("intermediate.pem", "root.pem");

    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,8}");

    private final Path folder;

    private Folders(Path folder) {
        this.folder = folder;
    }

    /** Makes it, or brings an old layout into this one; a move that was cut short is completed. */
    static Folders open(Path folder) throws IOException {
        PrivateFiles.folder(folder);
        for (String name : OLD_LAYOUT) {
            Path old = folder.resolve(name);
            Path first = folder.resolve("1");
            if (Files.exists(old)) {
                if (Files.exists(first.resolve(name))) {
                    throw new IOException("authority: both " + old + " and " + first.resolve(name)
                            + " exist (expected: one of them; the other belongs to a backup)");
                }
                PrivateFiles.folder(first);
                Files.move(old, first.resolve(name), StandardCopyOption.ATOMIC_MOVE);
            }
        }
        return new Folders(folder);
    }

    Path of(int generation) {
        return folder.resolve(Integer.toString(generation));
    }

    /** Keys of a generation after {@code newest} belong to a store that is younger than this one: a mesh that trusts them would be cut off by the older. */
    void refuseYounger(int newest) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            Optional<Path> younger = all.filter(path ->
                            NUMBER.matcher(path.getFileName().toString()).matches())
                    .filter(path -> Integer.parseInt(path.getFileName().toString()) > newest)
                    .findFirst();
            if (younger.isPresent()) {
                throw new IOException(
                        "authority: " + younger.get() + " is of a generation that the store does not know"
                                + " (expected: the store that goes with it, not an older or a new one; restore both from one backup)");
            }
        }
    }

    /** With everything in it; one that is gone already is fine. */
    void delete(int generation) throws IOException {
        Path gone = of(generation);
        if (Files.notExists(gone)) {
            return;
        }
        try (Stream<Path> files = Files.walk(gone)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
